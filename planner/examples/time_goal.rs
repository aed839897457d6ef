//! Times the reading of a ticket of two kilobytes: `cargo run --release --example time_goal`.
#![allow(clippy::print_stdout, reason = "an example for the terminal")]

use std::time::Instant;

use provision_planner::goal::parse;

/// A ticket as people write them; repeated until it has two kilobytes.
const PARAGRAPH: &str = "OPS-4711 New environment for the release train\n\
    Target: EKS\nRegion: Stockholm\nDomain: ci.fern.example\nHosted zone id: Z0FERN123456\nVisibility: only over the VPN\n\
    We talked about EC2 in Ireland before, but the team would rather have managed Kubernetes; \
    email should be enabled and sent from builds@fern.example, bounces go to ops@fern.example. \
    Please load the samples and the plugins, leave the compliance pack out and run the smoke test. \
    If it fails, retry up to three times. The bootstrap image can wait, we may need it next quarter.\n";

fn main() {
    let ticket = PARAGRAPH.repeat(2048 / PARAGRAPH.len() + 1);
    let ticket = &ticket[..2048];
    let mut micros: Vec<u128> = (0..501)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(parse(std::hint::black_box(ticket)));
            start.elapsed().as_micros()
        })
        .collect();
    micros.sort_unstable();
    println!("2 KB ticket: median {} µs, 99th percentile {} µs", micros[250], micros[495]);
}
