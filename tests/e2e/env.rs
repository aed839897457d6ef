//! The one test environment: its own home and folder, a cleared environment, the real binary.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A scratch home and working folder in which the binary runs with nothing inherited but what a test sets.
pub struct TestEnv {
    home: TempDir,
    vars: Vec<(String, String)>,
    path: Vec<PathBuf>,
    cwd: PathBuf,
}

/// What one run of the binary printed and how it ended.
#[derive(Debug)]
pub struct Run {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// The exit code; `None` when a signal ended it.
    pub code: Option<i32>,
}

impl TestEnv {
    /// An empty home and working folder, and a `PATH` of the system's own tools.
    pub fn new() -> Self {
        let home = tempfile::tempdir().expect("a scratch folder can be made");
        let cwd = home.path().join("work");
        std::fs::create_dir(&cwd).expect("the working folder can be made");
        let path = ["/usr/local/bin", "/usr/bin", "/bin"].map(PathBuf::from).to_vec();
        // Tests talk to this machine only: without credentials, the SDK would ask a metadata address.
        let vars = vec![("AWS_EC2_METADATA_DISABLED".to_owned(), "true".to_owned())];
        Self { home, vars, path, cwd }
    }

    /// Sets a variable for the binary.
    pub fn var(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.set_var(name, value.as_ref());
        self
    }

    /// As [`TestEnv::var`], in place.
    pub fn set_var(&mut self, name: &str, value: &str) {
        self.vars.retain(|(set, _)| set != name);
        self.vars.push((name.to_owned(), value.to_owned()));
    }

    /// Puts a folder before the system's own tools.
    pub fn tools(mut self, folder: impl Into<PathBuf>) -> Self {
        self.path.insert(0, folder.into());
        self
    }

    /// Takes a folder out of `PATH` again.
    pub fn drop_tools(&mut self, folder: &Path) {
        self.path.retain(|entry| entry != folder);
    }

    /// Puts a folder after the system's own tools, for what the system may lack.
    pub fn more_tools(mut self, folder: impl Into<PathBuf>) -> Self {
        self.path.push(folder.into());
        self
    }

    /// Uses exactly these folders as `PATH`.
    pub fn only_tools(mut self, folders: &[PathBuf]) -> Self {
        self.path = folders.to_vec();
        self
    }

    /// Runs the binary in this folder instead of the empty one.
    pub fn cwd(mut self, folder: impl Into<PathBuf>) -> Self {
        self.set_cwd(folder.into());
        self
    }

    /// As [`TestEnv::cwd`], in place.
    pub fn set_cwd(&mut self, folder: PathBuf) {
        self.cwd = folder;
    }

    /// The folder the binary runs in.
    pub fn dir(&self) -> &Path {
        &self.cwd
    }

    /// The home folder.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Writes a file below the working folder and returns its path.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.cwd.join(name);
        std::fs::write(&path, content).expect("a test file can be written");
        path
    }

    /// The command with this environment, not yet started.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_provision"));
        command.args(args).env_clear().current_dir(&self.cwd).envs(self.variables());
        command
    }

    /// Every variable that is set.
    pub fn variables(&self) -> Vec<(String, String)> {
        let path = std::env::join_paths(&self.path).expect("no colon in a test path");
        let text = |value: &std::ffi::OsStr| value.to_str().expect("test paths are text").to_owned();
        let base = [
            ("HOME", text(self.home.path().as_os_str())),
            ("LANG", "C.UTF-8".to_owned()),
            ("PATH", text(&path)),
        ];
        base.map(|(name, value)| (name.to_owned(), value)).into_iter().chain(self.vars.clone()).collect()
    }

    /// Runs the binary without standard input.
    pub fn run(&self, args: &[&str]) -> Run {
        self.run_with_input(args, b"")
    }

    /// Runs the binary with these bytes on standard input.
    pub fn run_with_input(&self, args: &[&str], input: &[u8]) -> Run {
        use std::io::Write;
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        let mut stdin = child.stdin.take().expect("standard input is piped");
        let input = input.to_vec();
        let writer = std::thread::spawn(move || {
            // The binary may end before it read everything; that is its right.
            let _ = stdin.write_all(&input);
        });
        let output = child.wait_with_output().expect("the binary ends");
        writer.join().expect("the writer ends");
        Run {
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            code: output.status.code(),
        }
    }
}

impl Run {
    /// Standard output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("not JSON ({error}):\n{}\n{}", self.stdout, self.stderr))
    }

    /// Fails with the whole output unless the run ended with this code.
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}

/// The project's fixtures.
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures").canonicalize().expect("the fixtures are there")
}
