//! Fills an intake from a file or standard input, on several threads where the input is large.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};

use provision_rules::{Block, Intake, Splitter};

/// How many bytes are read at once: few enough to stay in a processor's cache until they are looked through.
const BLOCK: usize = 512 << 10;
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
    /// Puts the next whole lines into a block and says the number of the block in the order; `None` at the end.
    fn next(&mut self, block: &mut Vec<u8>) -> io::Result<Option<usize>> {
        if self.ended {
            return Ok(None);
        }
        let mut filled = self.splitter.begin(block);
        loop {
            block.resize(filled + BLOCK, 0);
            while filled < block.len() && !self.ended {
                let read =
                    read_some(&mut self.reader, &mut block[filled..]).inspect_err(|_| self.ended = true)?;
                self.ended = read == 0;
                filled += read;
            }
            let whole = if self.ended { Some(filled) } else { self.splitter.cut(&block[..filled]) };
            if let Some(whole) = whole {
                block.truncate(whole);
                self.next += 1;
                return Ok(Some(self.next - 1));
            }
        }
    }
}

type Scanned = io::Result<(usize, Block)>;

/// Looks through the rest of an input on several threads and puts the blocks back in their order.
fn scan(reader: impl Read + Send, splitter: Splitter, intake: &mut Intake) -> io::Result<()> {
    let newline = splitter.newline();
    let source = Mutex::new(Source { reader, splitter, next: 0, ended: false });
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_WORKERS);
    let (sender, blocks) = sync_channel::<Scanned>(2 * workers);
    let used = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            let (source, used, sender) = (&source, &used, sender.clone());
            scope.spawn(move || work(source, used, newline, &sender));
        }
        drop(sender);
        let (mut early, mut next) = (BTreeMap::new(), 0);
        for scanned in blocks {
            let (number, block) = scanned?;
            early.insert(number, block);
            while let Some(block) = early.remove(&next) {
                locked(&used).push(intake.take(block));
                next += 1;
            }
        }
        Ok(())
    })
}

/// Looks through one block after the other, in memory that was used before where there is some.
fn work<R: Read>(
    source: &Mutex<Source<R>>,
    used: &Mutex<Vec<Vec<u8>>>,
    newline: u8,
    sender: &SyncSender<Scanned>,
) {
    loop {
        let mut block = locked(used).pop().unwrap_or_default();
        let next = locked(source).next(&mut block);
        let scanned = match next {
            Ok(None) => return,
            Ok(Some(number)) => Ok((number, Block::scan(block, newline))),
            Err(error) => Err(error),
        };
        // nobody listens any more when another worker met an error
        if sender.send(scanned).is_err() {
            return;
        }
    }
}

/// What a thread that panicked with it in its hands left is whole: it only reads, pushes or pops.
fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
