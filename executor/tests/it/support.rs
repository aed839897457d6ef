//! Shared by the tests: scratch folders, scripts, observers that remember, plans.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use provision_executor::{Event, Interrupt, Masker, Observer, process};

/// A folder that goes away with the test.
pub(crate) fn scratch() -> tempfile::TempDir {
    tempfile::Builder::new().prefix("executor-").tempdir().unwrap()
}

/// Writes an executable script.
pub(crate) fn script(dir: &Path, name: &str, body: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let path = dir.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, format!("#!/usr/bin/env bash\n{body}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// The variables of a child: only what programs need to be found.
pub(crate) fn variables() -> BTreeMap<String, String> {
    let path = std::env::var("PATH").unwrap();
    BTreeMap::from([("PATH".to_owned(), path), ("HOME".to_owned(), "/nonexistent".to_owned())])
}

/// A bash command ready to start.
pub(crate) fn bash(dir: &Path, body: &str) -> process::Invocation {
    let argv = ["bash", "-c", body].map(str::to_owned).to_vec();
    process::Invocation { argv, dir: dir.to_owned(), env: variables() }
}

pub(crate) fn control() -> process::Control {
    process::Control::new(Interrupt::new(), Masker::default())
}

/// An observer that remembers.
#[derive(Default)]
pub(crate) struct Recorder(Mutex<Vec<Event>>);

impl Observer for Recorder {
    fn event(&self, event: Event) {
        self.0.lock().unwrap().push(event);
    }
}

impl Recorder {
    pub(crate) fn events(&self) -> Vec<Event> {
        self.0.lock().unwrap().clone()
    }

    /// The lines that commands printed.
    pub(crate) fn output(&self) -> Vec<String> {
        let lines = self.events().into_iter().filter_map(|event| match event {
            Event::Output { line, .. } => Some(line),
            _ => None,
        });
        lines.collect()
    }

    pub(crate) fn warnings(&self) -> Vec<String> {
        let texts = self.events().into_iter().filter_map(|event| match event {
            Event::Warning { text } => Some(text),
            _ => None,
        });
        texts.collect()
    }
}

/// Waits until a condition holds; fails the test if it never does.
pub(crate) async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let give_up = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < give_up, "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Whether a process of this id is running (and is not a zombie).
pub(crate) fn is_alive(pid: &str) -> bool {
    let status = std::process::Command::new("ps").args(["-o", "stat=", "-p", pid]).output().unwrap();
    let state = String::from_utf8_lossy(&status.stdout).trim().to_owned();
    !state.is_empty() && !state.starts_with('Z')
}
