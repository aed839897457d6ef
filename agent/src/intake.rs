//! Fills an intake from a file or standard input, on several threads where the input is large.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::Mutex;
use std::sync::mpsc::{SyncSender, sync_channel};

use provision_rules::{Block, Intake, Splitter};

/// How many bytes are read at once: few enough to stay in a processor's cache until they are looked through.
const BLOCK: usize = 256 << 10;
/// More threads than this only wait for the file.
const MOST_WORKERS: usize = 4;

/// Reads an input to its end.
///
/// # Errors
/// What is wrong with the input, in one line without its name.
pub fn fill(mut reader: impl Read + Send, explain: fn(&io::Error) -> String) -> Result<Intake, String> {
    let mut intake = Intake::default();
    let mut buffer = vec![0; BLOCK];
    let mut length = 0;
    loop {
        let read = read_some(&mut reader, &mut buffer).map_err(|error| explain(&error))?;
        length += read;
        if read == 0 {
            break;
        }
        intake.feed(&buffer[..read]).map_err(|error| error.to_string())?;
        if let Some(splitter) = intake.splitter() {
            scan(reader, splitter, &mut intake).map_err(|error| explain(&error))?;
            break;
        }
    }
    if length == 0 {
        return Err("is empty; nothing to diagnose".to_owned());
    }
    intake.end().map_err(|error| error.to_string())?;
    Ok(intake)
}

/// Reads whatever is there, but not nothing because of a signal.
pub fn read_some(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match reader.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// The rest of an input, from which one thread at a time takes the next lines.
struct Source<R> {
    reader: R,
    splitter: Splitter,
    /// The number of the next block.
    next: usize,
    ended: bool,
}

impl<R: Read> Source<R> {
    /// The next whole lines with their number in order; `None` at the end.
    fn next(&mut self, buffer: &mut [u8]) -> io::Result<Option<(usize, Vec<u8>)>> {
        while !self.ended {
            let read = read_some(&mut self.reader, buffer).inspect_err(|_| self.ended = true)?;
            self.ended = read == 0;
            let lines =
                if self.ended { Some(self.splitter.end()) } else { self.splitter.split(&buffer[..read]) };
            if let Some(lines) = lines {
                self.next += 1;
                return Ok(Some((self.next - 1, lines)));
            }
        }
        Ok(None)
    }
}

type Scanned = io::Result<(usize, Block)>;

/// Looks through the rest of an input on several threads and puts the blocks back in their order.
fn scan(reader: impl Read + Send, splitter: Splitter, intake: &mut Intake) -> io::Result<()> {
    let newline = splitter.newline();
    let source = Mutex::new(Source { reader, splitter, next: 0, ended: false });
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_WORKERS);
    let (sender, blocks) = sync_channel::<Scanned>(2 * workers);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            let (source, sender) = (&source, sender.clone());
            scope.spawn(move || work(source, newline, &sender));
        }
        drop(sender);
        let (mut early, mut next) = (BTreeMap::new(), 0);
        for scanned in blocks {
            let (number, block) = scanned?;
            early.insert(number, block);
            while let Some(block) = early.remove(&next) {
                intake.take(&block);
                next += 1;
            }
        }
        Ok(())
    })
}

fn work<R: Read>(source: &Mutex<Source<R>>, newline: u8, sender: &SyncSender<Scanned>) {
    let mut buffer = vec![0; BLOCK];
    loop {
        // a worker that panicked with the source in its hands left it whole: it only reads
        let next = source.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).next(&mut buffer);
        let scanned = match next {
            Ok(None) => return,
            Ok(Some((number, lines))) => Ok((number, Block::scan(lines, newline))),
            Err(error) => Err(error),
        };
        // nobody listens any more when another worker met an error
        if sender.send(scanned).is_err() {
            return;
        }
    }
}
