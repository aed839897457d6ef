//! Fills an intake from a file or standard input, on several threads where the input is large.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::panic::resume_unwind;
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
pub fn fill(reader: impl Read + Send, explain: fn(&io::Error) -> String) -> Result<Intake, String> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_WORKERS);
    fill_on(workers, reader, explain)
}

fn fill_on(
    workers: usize,
    mut reader: impl Read + Send,
    explain: fn(&io::Error) -> String,
) -> Result<Intake, String> {
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
            scan(workers, reader, splitter, &mut intake).map_err(|error| explain(&error))?;
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
fn scan(workers: usize, reader: impl Read + Send, splitter: Splitter, intake: &mut Intake) -> io::Result<()> {
    let newline = splitter.newline();
    let source = Mutex::new(Source { reader, splitter, next: 0, ended: false });
    let order = Mutex::new(Order { intake, early: BTreeMap::new(), next: 0, spare: Vec::new() });
    let advanced = Condvar::new();
    let work = || work(&source, (&order, &advanced), newline);
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..workers).map(|_| scope.spawn(work)).collect();
        let own = work();
        // without the block of a thread that panicked the rest would be lost without a word
        let joined =
            others.into_iter().map(|other| other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        joined.fold(own, Result::and)
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

#[cfg(test)]
mod tests {
    use provision_rules::{DiagnoseOptions, Rulebook};

    use super::*;

    /// A log of about so many MiB, which tells of a failure in the line that is given.
    fn log(mib: usize, failed: usize) -> String {
        let calm = |line: usize| {
            match line {
            _ if line == failed => {
                "shop | 3/7 | 10:00:20 AM | CREATE_FAILED | AWS::S3::Bucket | Uploads (Uploads) shop-media already exists\n"
                    .to_owned()
            }
            _ => format!("step {line}: compiled the default module of the orders in some milliseconds\n"),
        }
        };
        (1..=mib * 13_000).map(calm).collect()
    }

    #[test]
    fn blocks_of_several_threads_keep_their_order_and_the_numbers_of_lines() {
        for failed in [1, 70_000, 150_000, 259_999] {
            let text = log(20, failed);
            let intake = fill_on(3, text.as_bytes(), io::Error::to_string).expect("read");
            let found = intake.diagnosis(&Rulebook::builtin(), DiagnoseOptions::default()).expect("readable");
            let root = found.verdict.expect("a verdict").root;
            assert_eq!((root.logical_id.as_deref(), root.line), (Some("Uploads"), failed));
            assert_eq!(found.source.lines, 260_000);
        }
    }

    /// Reads a text; what a reader does besides depends on the thread that reads, or comes at the end.
    struct Unsteady<'t> {
        text: &'t [u8],
        besides: fn(at_end: bool) -> io::Result<()>,
    }

    impl Read for Unsteady<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            (self.besides)(self.text.is_empty())?;
            self.text.read(buffer)
        }
    }

    #[test]
    fn an_error_in_the_middle_is_told() {
        let text = log(8, 1);
        let besides = |at_end| if at_end { Err(io::Error::other("the disk is gone")) } else { Ok(()) };
        let found = fill_on(3, Unsteady { text: text.as_bytes(), besides }, io::Error::to_string);
        assert_eq!(found.expect_err("an error"), "the disk is gone");
    }

    #[test]
    fn another_thread_that_panics_takes_the_command_with_it() {
        let text = log(20, 1);
        // the thread of a test has a name, those it starts have none
        let besides = |_| match std::thread::current().name() {
            Some(_) => Ok(()),
            None => panic!("boom"),
        };
        let run = || fill_on(3, Unsteady { text: text.as_bytes(), besides }, io::Error::to_string).is_ok();
        assert!(std::panic::catch_unwind(run).is_err());
    }
}
