//! A copy of the fixture platform with stand-in tools, for tests that plan and run on it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::env::{Run, TestEnv, fixtures};

/// A platform checkout, stand-ins for the cloud's tools, and a scenario that steers them.
pub struct Platform {
    env: TestEnv,
    root: PathBuf,
    standin: PathBuf,
    endpoint: Option<Child>,
    /// Held while this platform may listen on its fixed port.
    port: Option<MutexGuard<'static, ()>>,
}

/// The gateway's port is part of the platform's interface, so platforms that serve take turns.
static PORT: Mutex<()> = Mutex::new(());

fn support() -> PathBuf {
    fixtures().join("../tests/support").canonicalize().expect("the test support is there")
}

fn copy(from: &Path, to: &Path) {
    let done = Command::new("cp").arg("-R").arg(from).arg(to).status().expect("cp runs");
    assert!(done.success(), "cp -R {} {}", from.display(), to.display());
}

impl Platform {
    /// A fresh copy; every tool answers and every deploy succeeds unless a scenario says otherwise.
    pub fn new() -> Self {
        let env = TestEnv::new();
        let root = env.home().join("platform");
        copy(&fixtures().join("platform"), &root);
        let standin = env.home().join("standin");
        std::fs::create_dir(&standin).expect("a folder");
        let config = env.home().join(".config/provision");
        std::fs::create_dir_all(&config).expect("a folder");
        std::fs::write(config.join("config.toml"), "pass_env = [\"STANDIN_*\", \"PLATFORM_FIXTURE_*\"]\n")
            .expect("the configuration can be written");
        let env = env
            .tools(support().join("bin"))
            .tools(support().join("bin-noengine"))
            .more_tools(support().join("bin-tools"))
            .var("STANDIN_DIR", standin.to_str().expect("a text path"))
            .var("PLATFORM_FIXTURE_RUNTIME", "process")
            .cwd(&root);
        Self { env, root, standin, endpoint: None, port: None }.scenario("")
    }

    /// A fresh copy that may listen on the gateway's port.
    pub fn serving() -> Self {
        let mut platform = Self::new();
        platform.port = Some(PORT.lock().unwrap_or_else(PoisonError::into_inner));
        platform
    }

    /// As [`Platform::serving`], on a real container engine where `tests/run.sh` found or started one; elsewhere its
    /// gateway runs as plain processes, and the test's output says so.
    pub fn on_engine() -> Self {
        let mut platform = Self::serving();
        if std::env::var("PROVISION_TEST_DOCKER").is_ok_and(|value| value == "1") {
            platform.env.drop_tools(&support().join("bin-noengine"));
            platform.env.set_var("PLATFORM_FIXTURE_RUNTIME", "docker");
        } else {
            eprintln!("no container engine: the docker target's gateway runs as plain processes");
        }
        platform
    }

    /// Steers the stand-ins: `key=value` lines.
    pub fn scenario(self, lines: &str) -> Self {
        self.steer(lines);
        self
    }

    /// As [`Platform::scenario`], while something runs.
    pub fn steer(&self, lines: &str) {
        let (part, whole) = (self.standin.join("scenario.part"), self.standin.join("scenario"));
        std::fs::write(&part, lines).expect("the scenario can be written");
        std::fs::rename(part, whole).expect("the scenario can be put in place");
    }

    /// Lays down answers that the stand-ins give, the first that fits each call.
    pub fn answers(self, answers: &[Value]) -> Self {
        self.standin_file("answers.json", &Value::from(answers).to_string());
        self
    }

    /// Writes a file of the folder that steers the stand-ins.
    pub fn standin_file(&self, name: &str, text: &str) {
        std::fs::write(self.standin.join(name), text).expect("a file for the stand-ins can be written");
    }

    /// Sets a variable for the binary.
    pub fn var(mut self, name: &str, value: &str) -> Self {
        self.env.set_var(name, value);
        self
    }

    /// Runs the binary elsewhere than in the checkout.
    pub fn cwd(mut self, folder: impl Into<PathBuf>) -> Self {
        self.env.set_cwd(folder.into());
        self
    }

    /// Serves the stack's events as CloudFormation would, on a loopback port.
    pub fn with_cloudformation(mut self) -> Self {
        let mut child = Command::new("python3")
            .arg(support().join("cloudformation_endpoint.py"))
            .env("STANDIN_DIR", &self.standin)
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 runs");
        let stdout = child.stdout.take().expect("standard output is piped");
        let mut url = String::new();
        BufReader::new(stdout).read_line(&mut url).expect("the endpoint says where it is");
        self.endpoint = Some(child);
        self.var("AWS_ENDPOINT_URL", url.trim())
            .var("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
            .var("AWS_SECRET_ACCESS_KEY", "standin")
    }

    /// Takes the stand-ins for the cloud's tools out of the path: what runs now does without them.
    pub fn without_stand_ins(mut self) -> Self {
        self.env.drop_tools(&support().join("bin"));
        self
    }

    /// The actions that the CloudFormation endpoint was asked for, in order.
    pub fn requests(&self) -> Vec<String> {
        let log = std::fs::read_to_string(self.standin.join("requests.log")).unwrap_or_default();
        let action =
            |line: &str| serde_json::from_str::<Value>(line).ok()?["action"].as_str().map(str::to_owned);
        log.lines().filter_map(action).collect()
    }

    /// The environment of the binary.
    pub fn env(&self) -> &TestEnv {
        &self.env
    }

    /// The checkout.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Runs the binary.
    pub fn run(&self, args: &[&str]) -> Run {
        self.env.run(args)
    }

    /// Runs a command in a folder of the checkout as an operator would, to bring about a state.
    pub fn operate(&self, folder: &str, argv: &[&str]) {
        let mut command = Command::new(argv[0]);
        command.args(&argv[1..]).current_dir(self.root.join(folder)).envs(self.env.variables());
        let done = command.output().expect("the command runs");
        assert!(done.status.success(), "{argv:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    /// What the stand-ins were called with, in order.
    pub fn calls(&self) -> Vec<Value> {
        let log = std::fs::read_to_string(self.standin.join("calls.log")).unwrap_or_default();
        log.lines().map(|line| serde_json::from_str(line).expect("a call is JSON")).collect()
    }

    /// The calls of one tool whose arguments contain this word.
    pub fn calls_with(&self, tool: &str, word: &str) -> Vec<Value> {
        let has =
            |call: &Value| call["argv"].as_array().is_some_and(|argv| argv.iter().any(|arg| arg == word));
        self.calls().into_iter().filter(|call| call["tool"] == tool && has(call)).collect()
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        if let Some(child) = &mut self.endpoint {
            let _ = child.kill();
            let _ = child.wait();
        }
        let _ = Command::new("bash")
            .arg(support().join("stop-standins.sh"))
            .arg(&self.standin)
            .stdout(Stdio::null())
            .status();
        let shutdown = self.root.join("deploy/local/docker/bin/shutdown.sh");
        let _ = Command::new("bash")
            .arg(shutdown)
            .current_dir(self.root.join("deploy/local/docker"))
            .env("PLATFORM_FIXTURE_RUNTIME", "process")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
}
