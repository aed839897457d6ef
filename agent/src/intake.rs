//! Fills an intake from a file or standard input, on several threads where the input is large.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use provision_rules::{Block, Intake, Splitter};

/// How many bytes are read at once: few enough to stay in a processor's cache until they are looked through.
const BLOCK: usize = 512 << 10;
/// More threads than this only wait for the file.
const MOST_WORKERS: usize = 4;
/// How many blocks may wait for one before them, and how long for.
const MOST_EARLY: usize = 8;
const PATIENCE: Duration = Duration::from_millis(100);

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

/// The blocks that were looked through, put back in their order.
struct Order<'i> {
    intake: &'i mut Intake,
    /// Blocks whose predecessors are still looked through.
    early: BTreeMap<usize, Block>,
    /// The number of the block that is due.
    next: usize,
    /// Memory that can be used again.
    spare: Vec<Vec<u8>>,
}

impl Order<'_> {
    fn put(&mut self, number: usize, block: Block) {
        self.early.insert(number, block);
        while let Some(block) = self.early.remove(&self.next) {
            self.spare.push(self.intake.take(block));
            self.next += 1;
        }
    }
}

/// Looks through the rest of an input on several threads, this one among them.
fn scan(reader: impl Read + Send, splitter: Splitter, intake: &mut Intake) -> io::Result<()> {
    let newline = splitter.newline();
    let source = Mutex::new(Source { reader, splitter, next: 0, ended: false });
    let order = Mutex::new(Order { intake, early: BTreeMap::new(), next: 0, spare: Vec::new() });
    let advanced = Condvar::new();
    let work = || work(&source, (&order, &advanced), newline);
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_WORKERS);
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..workers).map(|_| scope.spawn(work)).collect();
        let own = work();
        others.into_iter().map(|other| other.join().unwrap_or(Ok(()))).fold(own, Result::and)
    })
}

/// Looks through one block after the other, in memory that was used before where there is some.
fn work<R: Read>(
    source: &Mutex<Source<R>>,
    (order, advanced): (&Mutex<Order<'_>>, &Condvar),
    newline: u8,
) -> io::Result<()> {
    loop {
        let mut block = locked(order).spare.pop().unwrap_or_default();
        let Some(number) = locked(source).next(&mut block)? else { return Ok(()) };
        let block = Block::scan(block, newline);
        let mut order = locked(order);
        order.put(number, block);
        advanced.notify_all();
        // a thread that was held up must not let the others fill the memory; should it never come back, they go on
        drop(advanced.wait_timeout_while(order, PATIENCE, |order| order.early.len() > MOST_EARLY));
    }
}

/// What a thread that panicked with it in its hands left is whole: it only reads, pushes, pops or waits.
fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
