//! The storage of a deployment, as text.

use std::fmt::Write;

use provision_executor::storage::{Claim, Volume};

use crate::operator::{Advice, StorageDocument};
use crate::render::layout::{columns, wrap};
use crate::terminal::{DIM, GOOD, HEAD, WARN, paint, safe};

/// The whole page, for a terminal of the given width.
pub fn text(document: &StorageDocument, width: usize) -> String {
    let mut text = format!("{}\n", paint(HEAD, safe(&document.title)));
    if let Some(reason) = &document.not_seen {
        for (position, line) in
            wrap(&format!("not seen: {}", safe(reason)), width.saturating_sub(2)).iter().enumerate()
        {
            let _ =
                writeln!(text, "{} {line}", if position == 0 { paint(WARN, "?") } else { " ".to_owned() });
        }
    }
    if let Some(volumes) = &document.volumes {
        let rows: Vec<[String; 4]> = volumes.iter().map(|one| volume(one, document)).collect();
        let _ = write!(text, "\n{}\n{}", paint(HEAD, "Volumes"), columns(&rows, 2));
    }
    if !document.strategies.is_empty() {
        text.push_str(&advice(document));
    }
    if let Some(claims) = &document.claims {
        let rows: Vec<[String; 4]> = claims.iter().map(claim).collect();
        let _ = write!(text, "\n{}\n{}", paint(HEAD, "Volume claims"), columns(&rows, 2));
    }
    if let Some(next) = &document.next {
        let _ = writeln!(text, "\n{}", paint(DIM, format!("→ {}", safe(next))));
    }
    text
}

fn volume(volume: &Volume, document: &StorageDocument) -> [String; 4] {
    let is_data = document.data_volume.as_ref() == Some(&volume.id);
    let role = match (volume.root, is_data) {
        (true, _) => "the system",
        (false, true) => "the data",
        (false, false) => "",
    };
    [
        safe(&volume.id),
        format!("{} GiB {}", volume.gib, safe(&volume.kind)),
        safe(&volume.device),
        role.to_owned(),
    ]
}

fn advice(document: &StorageDocument) -> String {
    let volumes = document.volumes.iter().flatten();
    let size = volumes
        .filter(|volume| document.data_volume.as_ref() == Some(&volume.id))
        .map(|volume| volume.gib)
        .next();
    let rows: Vec<[String; 4]> = document.strategies.iter().map(|one| advised(one, size)).collect();
    format!("\n{}\n{}", paint(HEAD, "Data volume by plugin strategy"), columns(&rows, 2))
}

fn advised(advice: &Advice, size: Option<u64>) -> [String; 4] {
    let mark = match size {
        Some(size) if size < advice.gib => paint(WARN, "too small"),
        Some(_) => paint(GOOD, "enough"),
        None => String::new(),
    };
    let chosen = if advice.chosen { "›" } else { " " };
    [format!("{chosen} {}", advice.id), format!("{} GiB", advice.gib), mark, paint(DIM, &advice.note)]
}

fn claim(claim: &Claim) -> [String; 4] {
    let grows = match (claim.elastic, claim.expandable) {
        (true, _) => "grows by itself (EFS)",
        (false, Some(true)) => "can grow",
        (false, Some(false)) => "cannot grow: its class does not allow it",
        (false, None) => "its class was not seen",
    };
    let waiting = claim.capacity.filter(|capacity| *capacity != claim.gib);
    let size = match waiting {
        Some(capacity) => format!("{capacity} GiB, {} asked for", claim.gib),
        None => format!("{} GiB", claim.gib),
    };
    [safe(&claim.name), size, safe(&claim.class), format!("{}, {grows}", safe(&claim.phase))]
}
