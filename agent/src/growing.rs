//! Inputs that grow: a file that is written to, or a pipe, as a stream of what happens to them.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use crate::intake::read_some;

/// How long to wait before a file is looked at again.
const PAUSE: Duration = Duration::from_millis(100);
/// How many bytes are read at once.
const BLOCK: usize = 64 << 10;

/// What happens to a growing input.
#[derive(Debug)]
pub enum Change {
    /// More of it is there.
    Bytes(Vec<u8>),
    /// It begins anew, and why.
    Anew(&'static str),
    /// It ended, or the operator ended the watching.
    End,
    /// It cannot be read any further.
    Failed(io::Error),
}

/// What happens to an input, until this is dropped.
#[derive(Debug)]
pub struct Changes {
    receiver: Receiver<Change>,
    /// Dropped with this: whoever waits for it ends.
    _end: tokio::sync::oneshot::Sender<()>,
    over: Arc<AtomicBool>,
}

impl Changes {
    /// The next change.
    ///
    /// # Errors
    /// When there is none in time, or there will be none.
    pub fn next(&self, within: Duration) -> Result<Change, RecvTimeoutError> {
        self.receiver.recv_timeout(within)
    }
}

impl Drop for Changes {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

/// What happens to a file from its beginning on, until the operator interrupts.
pub fn file(path: &Path) -> Changes {
    let path = path.to_owned();
    changes(move |sender, over| follow(path, sender, over))
}

/// What comes through a reader, until it ends or the operator interrupts.
pub fn reader(reader: impl Read + Send + 'static) -> Changes {
    changes(move |sender, _| pass_on(reader, sender))
}

fn changes(produce: impl FnOnce(&SyncSender<Change>, &AtomicBool) + Send + 'static) -> Changes {
    let (sender, receiver) = sync_channel(4);
    let (end, ended) = tokio::sync::oneshot::channel();
    let over = Arc::new(AtomicBool::new(false));
    let interrupted = sender.clone();
    std::thread::spawn(move || {
        if wait_for_interrupt(ended).unwrap_or(false) {
            let _ = interrupted.send(Change::End);
        }
    });
    let producing = Arc::clone(&over);
    std::thread::spawn(move || produce(&sender, &producing));
    Changes { receiver, _end: end, over }
}

/// Returns true when the operator, or whoever supervises this process, asks for the end; false when nobody listens
/// any more.
fn wait_for_interrupt(ended: tokio::sync::oneshot::Receiver<()>) -> io::Result<bool> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            pressed = tokio::signal::ctrl_c() => pressed.map(|()| true),
            _ = terminate.recv() => Ok(true),
            _ = ended => Ok(false),
        }
    })
}

fn pass_on(mut reader: impl Read, sender: &SyncSender<Change>) {
    let mut buffer = vec![0; BLOCK];
    loop {
        let change = match read_some(&mut reader, &mut buffer) {
            Ok(0) => Change::End,
            Ok(read) => Change::Bytes(buffer[..read].to_vec()),
            Err(error) => Change::Failed(error),
        };
        let last = !matches!(change, Change::Bytes(_));
        if sender.send(change).is_err() || last {
            return;
        }
    }
}

fn follow(path: PathBuf, sender: &SyncSender<Change>, over: &AtomicBool) {
    let mut followed = Followed { path, file: None, position: 0, buffer: vec![0; BLOCK] };
    while !over.load(Ordering::Relaxed) {
        let Some(change) = followed.step().unwrap_or_else(|error| Some(Change::Failed(error))) else {
            std::thread::sleep(PAUSE);
            continue;
        };
        let last = matches!(change, Change::Failed(_));
        if sender.send(change).is_err() || last {
            return;
        }
    }
}

/// A file, and how far it was read.
struct Followed {
    path: PathBuf,
    file: Option<File>,
    position: u64,
    buffer: Vec<u8>,
}

impl Followed {
    /// What happened since the last look; `None` when nothing did.
    fn step(&mut self) -> io::Result<Option<Change>> {
        let Some(file) = &mut self.file else {
            self.file = absent_is_none(File::open(&self.path))?;
            return Ok(None);
        };
        let read = read_some(file, &mut self.buffer)?;
        if read > 0 {
            self.position += read as u64;
            return Ok(Some(Change::Bytes(self.buffer[..read].to_vec())));
        }
        let open = file.metadata()?;
        if open.len() < self.position {
            file.rewind()?;
            self.position = 0;
            return Ok(Some(Change::Anew("was truncated")));
        }
        let named = absent_is_none(std::fs::metadata(&self.path))?;
        if named.is_some_and(|named| !same(&open, &named)) {
            (self.file, self.position) = (None, 0);
            return Ok(Some(Change::Anew("was replaced")));
        }
        Ok(None)
    }
}

fn same(one: &Metadata, other: &Metadata) -> bool {
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// A file that is not there may come yet.
fn absent_is_none<T>(found: io::Result<T>) -> io::Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
