//! The statuses CloudFormation reports, read from whole, truncated and glued spellings.

/// A resource or stack status, always one of CloudFormation's own names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Status(&'static str);

/// Every status of a resource or a stack. Where a truncated spelling fits several, the first one wins.
/// Source: the CloudFormation API reference, `StackEvent.ResourceStatus` and `Stack.StackStatus`.
const NAMES: &[&str] = &[
    "CREATE_FAILED",
    "CREATE_IN_PROGRESS",
    "CREATE_COMPLETE",
    "UPDATE_FAILED",
    "UPDATE_IN_PROGRESS",
    "UPDATE_COMPLETE",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_ROLLBACK_IN_PROGRESS",
    "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_ROLLBACK_FAILED",
    "DELETE_FAILED",
    "DELETE_IN_PROGRESS",
    "DELETE_COMPLETE",
    "DELETE_SKIPPED",
    "ROLLBACK_IN_PROGRESS",
    "ROLLBACK_COMPLETE",
    "ROLLBACK_FAILED",
    "IMPORT_FAILED",
    "IMPORT_IN_PROGRESS",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_IN_PROGRESS",
    "IMPORT_ROLLBACK_COMPLETE",
    "IMPORT_ROLLBACK_FAILED",
    "EXPORT_FAILED",
    "EXPORT_IN_PROGRESS",
    "EXPORT_COMPLETE",
    "EXPORT_ROLLBACK_FAILED",
    "EXPORT_ROLLBACK_IN_PROGRESS",
    "EXPORT_ROLLBACK_COMPLETE",
    "REVIEW_IN_PROGRESS",
    "UPDATE_ROLLBACK_CLEANUP_IN_PROGRESS",
    "VALIDATION_FAILED",
    "HOOK_COMPLETE_FAILED",
    "HOOK_COMPLETE_SUCCEEDED",
    "HOOK_IN_PROGRESS",
    "HOOK_FAILED",
    UNSPECIFIED,
];

/// What stands for a failure whose status the text does not print.
const UNSPECIFIED: &str = "FAILED";

/// What the console glues behind the status of the event it suspects.
const GLUED: &str = "Likely root cause";

impl Status {
    /// Reads a status that fills the whole token: exact, glued to the console's hint, or cut off by a column.
    pub(crate) fn parse(token: &str) -> Option<Self> {
        if token.len() < 8 || !token.as_bytes()[0].is_ascii_uppercase() {
            return None;
        }
        let token = token.strip_suffix(GLUED).map_or(token, str::trim_end);
        Self::exact(token).or_else(|| Self::truncated(token))
    }

    /// Reads a status written exactly.
    pub(crate) fn exact(token: &str) -> Option<Self> {
        NAMES.iter().find(|name| **name == token).map(|name| Self(name))
    }

    /// Reads the lower-case spelling with spaces that some tools use, such as `update rollback complete`.
    pub(crate) fn spoken(words: &str) -> Option<Self> {
        Self::exact(&words.trim().to_ascii_uppercase().replace(' ', "_"))
    }

    fn truncated(token: &str) -> Option<Self> {
        let plain = token.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
        let token = token.trim_end_matches('…').trim_end_matches("...");
        if !plain || token.len() < 10 {
            return None;
        }
        NAMES.iter().find(|name| name.starts_with(token)).map(|name| Self(name))
    }

    /// A failure whose status the text does not print.
    pub(crate) fn unspecified_failure() -> Self {
        Self(UNSPECIFIED)
    }

    /// The name as a fact for rules: absent where the text did not print one.
    pub(crate) fn printed(self) -> Option<&'static str> {
        (self.0 != UNSPECIFIED).then_some(self.0)
    }

    /// CloudFormation's name for it.
    pub(crate) fn name(self) -> &'static str {
        self.0
    }

    /// Whether it says that something failed.
    pub(crate) fn is_failed(self) -> bool {
        self.0.ends_with("FAILED")
    }

    /// Whether it belongs to a rollback.
    pub(crate) fn is_rollback(self) -> bool {
        self.0.contains("ROLLBACK")
    }

    /// Whether work still goes on.
    pub(crate) fn is_in_progress(self) -> bool {
        self.0.ends_with("_IN_PROGRESS")
    }

    /// Whether it ends in success.
    pub(crate) fn is_complete(self) -> bool {
        self.0.ends_with("_COMPLETE")
    }

    /// Whether it belongs to a deletion.
    pub(crate) fn is_delete(self) -> bool {
        self.0.starts_with("DELETE")
    }

    /// Whether a stack that reports it starts a new operation.
    pub(crate) fn starts_operation(self) -> bool {
        matches!(
            self.0,
            "CREATE_IN_PROGRESS" | "UPDATE_IN_PROGRESS" | "DELETE_IN_PROGRESS" | "IMPORT_IN_PROGRESS"
        )
    }

    /// What the stack was doing: `create`, `update`, `delete`, `import` or `rollback`.
    pub(crate) fn operation(self) -> &'static str {
        match self.0 {
            name if name.contains("ROLLBACK") => "rollback",
            name if name.starts_with("CREATE") || name.starts_with("REVIEW") => "create",
            name if name.starts_with("DELETE") => "delete",
            name if name.starts_with("IMPORT") => "import",
            _ => "update",
        }
    }

    /// How far along the life of one resource within one operation it stands.
    pub(crate) fn rank(self) -> u8 {
        let late = self.is_rollback() || self.is_delete();
        u8::from(!self.is_in_progress()) + if late { 2 } else { 0 }
    }
}

/// Whether a line can hold a status at all; cheap, so that the rest of a log costs little.
pub(crate) fn may_hold_status(line: &str) -> bool {
    line.contains('_')
        && ["_COMPLETE", "_FAILED", "_IN_P", "ROLLBACK_", "_SKIPPED"].iter().any(|part| line.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_truncated_status_is_completed() {
        let full = |token| Status::parse(token).map(Status::name);
        assert_eq!(full("UPDATE_ROLLBACK_IN_P"), Some("UPDATE_ROLLBACK_IN_PROGRESS"));
        assert_eq!(full("CREATE_IN_PROG"), Some("CREATE_IN_PROGRESS"));
        assert_eq!(full("UPDATE_COMPLETE_CLEA"), Some("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"));
        assert_eq!(full("CREATED_BY"), None);
    }

    #[test]
    fn a_status_glued_to_the_consoles_hint_is_read() {
        assert_eq!(Status::parse("CREATE_FAILEDLikely root cause").map(Status::name), Some("CREATE_FAILED"));
    }
}
