//! A pseudo-terminal with the binary on it, for tests of what it asks.

use std::time::Duration;

use expectrl::{Eof, Session, WaitStatus};

use crate::platform::Platform;

/// Starts the binary on a terminal.
pub fn session(platform: &Platform, args: &[&str]) -> Session {
    let mut session = Session::spawn(platform.env().command(args)).expect("a pseudo-terminal");
    session.set_expect_timeout(Some(Duration::from_secs(20)));
    session
}

/// Waits for the end and says the exit code.
pub fn code(mut session: Session) -> i32 {
    let _ = session.expect(Eof);
    match session.wait().expect("the binary ends") {
        WaitStatus::Exited(_, code) => code,
        other => panic!("ended by {other:?}"),
    }
}
