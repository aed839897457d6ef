//! A target of a test's own: scripts that do as they are told, and a health address that answers as it is told.
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::env::{Run, TestEnv};

/// A checkout with one target, `lab`, whose deploy writes `begin` and `end` into `log` around its work.
pub struct Lab {
    env: TestEnv,
    root: PathBuf,
    answers: Arc<AtomicBool>,
}

/// A run of the binary in the background; ended with the test, if not before.
pub struct Running {
    pub child: Child,
    since: Instant,
}

impl Lab {
    /// A target whose deploy runs this bash text.
    pub fn new(work: &str) -> Self {
        let env = TestEnv::new();
        let root = env.home().join("checkout");
        for folder in ["deploy/bin", "deploy/lab/bin"] {
            std::fs::create_dir_all(root.join(folder)).expect("a folder");
        }
        let (port, answers) = serve();
        let catalog = env.home().join("targets");
        std::fs::create_dir(&catalog).expect("a folder");
        std::fs::write(catalog.join("lab.toml"), target(port)).expect("the target can be written");
        let config = env.home().join(".config/provision");
        std::fs::create_dir_all(&config).expect("a folder");
        let text = format!("catalog = {:?}\n", catalog.to_str().expect("a text path"));
        std::fs::write(config.join("config.toml"), text).expect("the configuration can be written");
        let env = env.cwd(&root);
        let lab = Self { env, root, answers };
        lab.work(work);
        std::fs::write(lab.root.join("deploy/lab/bin/shutdown.sh"), "echo down >> ../../log\n")
            .expect("a script");
        lab
    }

    /// What the deploy does from now on, between `begin` and `end`.
    pub fn work(&self, work: &str) {
        let script = format!("echo begin >> ../../log\n{work}\necho end >> ../../log\n");
        std::fs::write(self.root.join("deploy/lab/bin/setup.sh"), script).expect("a script");
    }

    /// Whether the health address answers.
    pub fn answer(&self, does: bool) {
        self.answers.store(does, Ordering::Relaxed);
    }

    pub fn env(&self) -> &TestEnv {
        &self.env
    }

    pub fn env_mut(&mut self) -> &mut TestEnv {
        &mut self.env
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What the scripts wrote down.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.root.join("log")).unwrap_or_default()
    }

    pub fn run(&self, args: &[&str]) -> Run {
        self.env.run(args)
    }

    /// Deploys with one step after it.
    pub fn deploy(&self) -> Run {
        self.run(&DEPLOY)
    }

    /// Starts a deploy; its output goes into the file `output`.
    pub fn start(&self) -> Running {
        let output = std::fs::File::create(self.root.join("output")).expect("a file");
        let mut command: Command = self.env.command(&DEPLOY);
        Running::start(command.stdout(output.try_clone().expect("a handle")).stderr(output))
    }

    /// What a started deploy printed.
    pub fn output(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(self.root.join("output")).unwrap_or_default()).into_owned()
    }

    /// The journals' files, oldest first.
    pub fn journals(&self) -> Vec<PathBuf> {
        let folder = self.env.home().join(".local/state/provision/runs");
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        files.sort();
        files
    }

    /// How many whole records the newest journal has.
    pub fn records(&self) -> usize {
        let newest = self.journals().pop().and_then(|file| std::fs::read_to_string(file).ok());
        newest.map_or(0, |text| text.matches('\n').count())
    }

    /// The runs as `provision runs --json` lists them, newest first.
    pub fn runs(&self) -> Vec<Value> {
        let document = self.run(&["runs", "--json"]).expect_code(0).json();
        document["runs"].as_array().expect("a list").clone()
    }

    /// The processes that still run for any run of this lab.
    pub fn leftovers(&self) -> Vec<u64> {
        let ids: Vec<String> = self
            .journals()
            .iter()
            .filter_map(|file| Some(format!("PROVISION_RUN={}", file.file_stem()?.to_str()?)))
            .collect();
        let entries = std::fs::read_dir("/proc").into_iter().flatten();
        let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u64>().ok());
        pids.filter(|pid| {
            let environ = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            let environ = String::from_utf8_lossy(&environ).into_owned();
            environ.split('\0').any(|pair| ids.iter().any(|id| id == pair))
        })
        .collect()
    }
}

const DEPLOY: [&str; 5] = ["--target", "lab", "--yes", "--post-step", "sh -c 'echo after >> log'"];

impl Running {
    /// Starts a command without standard input.
    pub fn start(command: &mut Command) -> Self {
        let child = command.stdin(Stdio::null()).spawn().expect("the binary starts");
        Self { child, since: Instant::now() }
    }

    /// Sends a signal by name.
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        // One that has ended already needs no signal any more.
        let _ = Command::new("kill").args([&format!("-{name}"), &pid]).stderr(Stdio::null()).status();
    }

    /// The exit code; `None` when a signal ended it. Fails the test when it does not end.
    pub fn code(&mut self) -> Option<i32> {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            if let Some(status) = self.child.try_wait().expect("the binary can be waited for") {
                return status.code();
            }
            assert!(Instant::now() < deadline, "it runs for {:?} and does not end", self.since.elapsed());
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("the binary can be waited for").is_some()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until something holds; `false` if it never does.
pub fn eventually(mut holds: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + Duration::from_secs(30);
    while Instant::now() < deadline {
        if holds() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    false
}

fn target(port: u16) -> String {
    format!(
        r#"
id = "lab"
title = "Lab"
summary = "A target for tests"
deploys = ["nothing that lasts"]
folder = "deploy/lab"
url = "http://127.0.0.1:{port}"
covers = ["deploy/bin", "deploy/lab/bin"]

[deploy]
argv = ["bash", "bin/setup.sh"]
effect = "local-write"

[teardown]
effect = "local-write"
irreversible = false
removes = ["nothing"]
keeps = ["everything"]
commands = [{{ argv = ["bash", "bin/shutdown.sh"], in = "folder" }}]

[health]
health = "/health"
ready = "/ready"
timeout_seconds = 30
poll_seconds = 1
ready_grace_seconds = 5
"#
    )
}

/// Answers every request on a port of this machine, or hangs up, as the switch says.
fn serve() -> (u16, Arc<AtomicBool>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let answers = Arc::new(AtomicBool::new(true));
    let switch = Arc::clone(&answers);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            if !switch.load(Ordering::Relaxed) {
                continue;
            }
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
        }
    });
    (port, answers)
}
