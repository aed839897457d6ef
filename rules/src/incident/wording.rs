//! The fixed wordings that carry no cause of their own.

use crate::pattern::Pattern;

/// Whether a text has one of some pieces, in any case. Most reasons have none, and then the expression that
/// would look closer need not be built.
pub(crate) fn has_any(text: &str, pieces: &[&str]) -> bool {
    let has = |piece: &&str| {
        text.as_bytes().windows(piece.len()).any(|window| window.eq_ignore_ascii_case(piece.as_bytes()))
    };
    pieces.iter().any(has)
}

/// Whether a reason only says that something else failed first.
pub(crate) fn is_cancelled(reason: &str) -> bool {
    if !has_any(reason, &["cancel"]) {
        return false;
    }
    static CANCELLED: Pattern = Pattern::new(
        r"(?i)^\W*(?:resource (?:creation|update|deletion|import)\s+cancell?ed|(?:operation )?cancell?ed since failure tolerance has (?:been )?exceeded)\W*$",
    );
    CANCELLED.is_match(reason)
}

/// Whether a reason says that a person started what the stack does.
pub(crate) fn is_by_operator(reason: &str) -> bool {
    static OPERATOR: Pattern = Pattern::new(
        r"(?i)^\W*(?:user[ -]initiated(?: cancell?ation)?|(?:stack )?update (?:was )?cancell?ed by (?:the )?user|cancell?ation (?:was )?(?:requested|initiated) by (?:the )?user)\W*$",
    );
    OPERATOR.is_match(reason)
}

/// The names in "The following resource(s) failed to create: [A, B]".
pub(crate) fn failed_names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for part in text.split("resource(s) failed to").skip(1) {
        let Some(open) = part.find('[').filter(|open| *open < 20) else { continue };
        let list = part[open + 1..].split(']').next().unwrap_or_default();
        let parts = list.split(',').map(|name| name.split_whitespace().collect::<String>());
        names.extend(parts.filter(|name| !name.is_empty() && name.len() <= 255));
    }
    names
}

/// What a reason says beyond the names of the resources that failed.
pub(crate) fn beyond_summary(reason: &str) -> String {
    static SUMMARY: Pattern = Pattern::new(
        r"(?is)The\s+following\s+resource\(s\)\s+failed\s+to\s+\w+:?\s*\[[^\]]*(?:\]|$)|Rollback\s+requested\s+by\s+user|resource (?:creation|update) cancelled",
    );
    let has_words = has_any(reason, &["resource(s)", "requested", "cancelled"]);
    let rest = if has_words { SUMMARY.blank_out(reason) } else { reason.to_owned() };
    let words = rest.split_whitespace().collect::<Vec<_>>().join(" ");
    words.trim_matches(|c: char| c.is_whitespace() || matches!(c, '.' | ';' | ',' | ':')).to_owned()
}

/// What a parent says about its nested stack beyond that it failed; `None` when it is not about one.
pub(crate) fn beyond_nested(reason: &str) -> Option<String> {
    if !has_any(reason, &["embedded"]) {
        return None;
    }
    static NESTED: Pattern = Pattern::new(
        r"(?is)Embedded\s+stack\s+\S+\s+was\s+not\s+successfully\s+\w+[:.]?\s*(?:Currently\s+in\s+\w+\s+with\s+reason:)?",
    );
    let found = NESTED.captures(reason)?;
    Some(beyond_summary(&reason[found.range().end..]))
}

/// Whether a reason of an event that did not fail tells of a failure all the same.
pub(crate) fn tells_failure(reason: &str) -> bool {
    static TELLS: Pattern = Pattern::new(
        r"(?i)\b(?:fail\w*|error|denied|not authorized|invalid|exceeded|cannot|can't|could not|couldn't|unable|in use|timed? ?out|not found|does not exist|do not exist|already exists|not supported|must (?:be|have|not|specify)|is not|are not|was not|internal failure|expired|refused|forbidden|conflicts?)\b",
    );
    TELLS.is_match(reason) || reason.contains("returned message")
}

/// Whether a reason names nothing that a person could act on.
pub(crate) fn is_empty_handed(reason: &str) -> bool {
    static EMPTY: Pattern = Pattern::new(
        r#"(?is)^(?:Internal Failure\.?|Internal error\.?|null|Resource handler returned message:\s*"?(?:null|Internal Failure)"?.*|Unknown error.*|No reason.*|Reason: null|Failed to (?:create|update|delete)(?: resource)?\.?)$"#,
    );
    const WORDS: [&str; 5] = ["internal", "null", "unknown error", "no reason", "failed to"];
    let reason = reason.trim();
    if reason.is_empty() || !has_any(reason, &WORDS) {
        return reason.is_empty();
    }
    EMPTY.is_match(reason)
}

/// Whether a custom resource only points at its log.
pub(crate) fn points_at_log(reason: &str) -> bool {
    let words = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    words.contains("See the details in CloudWatch Log Stream")
        || words.contains("Please check your logs for requestId")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_true_reason_with_the_word_cancelled_is_no_noise() {
        assert!(is_cancelled("Resource creation cancelled"));
        assert!(is_cancelled("Resource update cancelled."));
        assert!(!is_cancelled("The Spot request was cancelled because the price rose above the limit"));
        assert!(!is_cancelled("Export prod-vpc cannot be deleted; the update was cancelled"));
    }

    #[test]
    fn what_a_person_started_is_told_from_a_rollback_that_no_person_asked_for() {
        assert!(is_by_operator("User Initiated") && is_by_operator("User initiated cancellation."));
        assert!(!is_by_operator(
            "The following resource(s) failed to create: [A]. Rollback requested by user."
        ));
    }

    #[test]
    fn a_summary_says_nothing_beyond_its_names() {
        let reason =
            "The following resource(s) failed to create: [Queue, Topic]. . Rollback requested by user.";
        assert_eq!(beyond_summary(reason), "");
        assert_eq!(failed_names(reason), ["Queue", "Topic"]);
        assert_eq!(
            beyond_summary("Export a:b cannot be deleted as it is in use by c"),
            "Export a:b cannot be deleted as it is in use by c"
        );
    }

    #[test]
    fn a_nested_stacks_own_reason_is_kept() {
        let echo =
            "Embedded stack arn:aws:cloudformation:us-east-1:1:stack/p-N-1/2 was not successfully created: ";
        assert_eq!(
            beyond_nested(&format!("{echo}The following resource(s) failed to create: [T].")).as_deref(),
            Some("")
        );
        assert_eq!(
            beyond_nested(&format!("{echo}Parameters: [Vpc] must have values")).as_deref(),
            Some("Parameters: [Vpc] must have values")
        );
    }
}
