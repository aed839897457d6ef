//! Exit codes: the one place that names them.

/// How the process ends. The number is a promise to scripts; it never changes meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Done, or nothing is wrong.
    Done = 0,
    /// A fault of this tool; also a check that did not hold (`rules lint`, `rules test`, `eval`).
    Internal = 1,
    /// Wrong usage, or a file that cannot be read.
    Usage = 2,
    /// A failure whose cause is known.
    Diagnosed = 3,
    /// A failure whose cause no rule knows.
    Undiagnosed = 4,
    /// Inputs or prerequisites are missing.
    Blocked = 5,
    /// Declined, or nobody to ask.
    NotApproved = 6,
    /// The deploy failed, or the platform did not become healthy.
    DeployFailed = 7,
    /// A teardown or post-step failed.
    StepFailed = 8,
    /// Interrupted by the operator.
    Interrupted = 130,
}

impl Exit {
    /// Every code with its meaning, for the help text and the README's table.
    pub const ALL: [(Exit, &'static str); 10] = [
        (Exit::Done, "done, or nothing is wrong"),
        (
            Exit::Internal,
            "internal error, or a check that did not hold (rules, eval, runs, audit, status, leftovers)",
        ),
        (Exit::Usage, "wrong usage, or something that cannot be read (a file; a region of audit-stacks)"),
        (Exit::Diagnosed, "a failure was diagnosed"),
        (Exit::Undiagnosed, "a failure of unknown cause"),
        (Exit::Blocked, "blocked: inputs or prerequisites are missing, or another run is at work"),
        (Exit::NotApproved, "not approved: declined, or nobody to ask"),
        (Exit::DeployFailed, "the deploy failed"),
        (Exit::StepFailed, "a teardown or post-step failed"),
        (Exit::Interrupted, "interrupted"),
    ];

    /// A check of rules or labelled rows did not hold. It shares the number of an internal error: both mean that
    /// the tool is not as it should be.
    pub const CHECK_FAILED: Exit = Exit::Internal;

    /// `audit-stacks` found drift. The platform documents this number for cron jobs.
    pub const DRIFT: Exit = Exit::Internal;

    /// `audit-stacks` could not read everything. The platform documents this number for cron jobs.
    pub const SCAN_INCOMPLETE: Exit = Exit::Usage;

    /// `status`: something that was seen is not well.
    pub const NOT_WELL: Exit = Exit::Internal;

    /// `status`, `storage`: nothing could be seen.
    pub const NOTHING_SEEN: Exit = Exit::Usage;

    /// `leftovers`: something is left.
    pub const LEFT: Exit = Exit::Internal;

    /// The number the process exits with.
    pub fn code(self) -> u8 {
        self as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_pinned() {
        let codes: Vec<u8> = Exit::ALL.iter().map(|(exit, _)| exit.code()).collect();
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 7, 8, 130]);
    }
}
