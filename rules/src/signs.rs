//! Tells from the wording of a line whether something failed, went on, or ended well.

use crate::pattern::Pattern;
use crate::stems;

/// How loudly a line says that something failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sign {
    /// It does not.
    None,
    /// It uses words that failures use.
    Soft,
    /// It is an error message.
    Loud,
}

static LOUD: Pattern = Pattern::new(
    r"(?x)
    ^\W*(?:\[?(?:ERROR|FATAL|CRITICAL|SEVERE)\]?|ERR!|npm\ ERR!|npm\ error|fatal|panic|E\d{4}|Error)\b[\s:\]!(-]
  | ^\W*error(?:[:\]!(]|\s+(?:\w+ing|in|from|during|while)\b)
  | \b\w*(?:Error|Exception|Fault)\b(?:\ \[|:|\s\()
  | [❌✖✘✗🛑]
  | ^\s*×\s
  | \b(?i:an\ error\ occurr?ed|traceback\ \(most\ recent|access\ denied|accessdenied|not\ authori[sz]ed|unauthori[sz]ed|permission\ denied)\b
  | (?i:\b(?:failed\ to|failure|has\ failed|was\ not\ successful\w*|could\ not|couldn['’]t|cannot|can['’]t|unable\ to)\b)
  | \b(?i:command\ failed|build\ failed|exit(?:ed)?\ (?:code|status|with\ (?:code|status))\W*(?:[1-9]\d*|\w+_FAILED|\w*ROLLBACK_COMPLETE))\b
  | \b[A-Z_]*FAILED\b | \w+BackOff\b | \bErrImage\w+
  | (?i:(?:^|\s)failed:\ |(?:^|\s)failed$|\sfailed\ with\b)
  | (?i:\bexited\ with\ error\b) | ^\s*«\w+»\ | ^\W*No\ stacks?\ (?:match|found|detected)
  | \$fault\W{1,4}(?:client|server)\b
  | (?i:\berror:\ ) | \bwhile\ (?:parsing|scanning)\ a\b | \bexpected\ <block\ end>
",
);

/// Fixed openings of error messages, which no calming word in the message itself outweighs.
static FIXED: Pattern = Pattern::new(
    r"An error occurred \(|Traceback \(most recent|HandlerErrorCode|Resource handler returned message|encountered a terminal failure state|Status Code: [45]\d\d|status code: [45]\d\d|\b[Ss]tack named \S+ failed\b|\bStack Deployments Failed\b|^\s*[✘❌✖]\s.*ROLLBACK_(?:COMPLETE|FAILED)\b|\bexited with status \w*(?:FAILED|ROLLBACK_COMPLETE)\b|^\s*(?:\W*\s)?(?:Error|ERROR|error|fatal): |\bis in \w+ state and can ?not (?:be|continue)\b|^\s*\* \w+\.\S+: \[WARN\] Error \w+ing\b|^\s*\{ \[[A-Z][\w.]*: |:[\w-]+\s+(?:CREATE|UPDATE|DELETE|ROLLBACK)_FAILED\s+\[",
);

/// Lines that only announce an error which is told elsewhere.
static ANNOUNCED: Pattern =
    Pattern::new(r"(?i)^\W*(?:oh no\W*|sorry\W*)?an (?:unexpected )?error (?:has )?occurr?ed\W*$");

static SOFT: Pattern = Pattern::new(
    r"(?i)\b(?:errors?|failed|failing|fails|denied|invalid|exceed(?:s|ed)?|expired|refused|timed? ?out|timeout|not found|no such|does(?:n['’]t| not) exist|do not exist|already exists?|exists \( ?\d+ ?\)|please select from the following|bad property|in (?:the )?stopped state|is paused|already (?:been )?(?:taken|used|in use)|not supported|unsupported|not allowed|not permitted|not available|forbidden|conflicts?|conflicting|missing|must|required|unresolved|in use|throttl\w+|unhealthy|insufficient|limit|quota|not verified|not (?:yet )?(?:ready|authorized|valid)|malformed|mismatch|duplicate|has dependencies|no longer|disabled|blocked|is not|are not|isn['’]t|aren['’]t|did not|didn['’]t|cannot|unexpected|unknown|pending|circular|terminated|deadline|deprecated|rejected|not empty|non-empty|can only|gave up|giving up|specify which|nothing|no changes|no updates|can ?not|can['’]t|only (?:an?|the|on|in|for|when|with|if|one|be|support\w*|allow\w*|accept\w*|specif\w+|contain\w*|lower|upper|alpha\w+|[A-Z]\w+)|(?:can|may|is|are|supported|restricted|names?) only|should (?:be|have|only|always|not|contain|match|start|end|begin|use|either|omit\w*)|illegal|prohibited|incorrect|wrong|unrecogni[sz]ed|incompatible|needs?(?: to)?|has to|have to|at least (?:one|two)|(?:have|contain|need|be|needs|with) at (?:least|most)|more than|is empty|specified|repeated|(?:max|min)imum|too (?:many|long|short|large|small|big)|(?:has|have|is|are|was) already|already (?:an?|attached|associated|enabled|has|have|in)|reserved|does(?:n['’]t| not)|do(?:n['’]t| not)|unable|mutually exclusive|exactly one|never|before you|please (?:unmap|detach|disassociate|unassign|release|empty) .{3,80} before|not (?:attached|associated|in|part|a|an|present|specified)|still|E(?:TIMEDOUT|CONN(?:RESET|REFUSED|ABORTED)|NOTFOUND|HOSTUNREACH)|no (?:\w+ )+(?:found|exists?)|there (?:is|are) no (?:\w+ )+(?:with|for|in|named|found)|out of|same (?:name|variable|key)|selected|expected|restricted|slow ?down|reduce your|non.alphanumeric|went wrong)\b|\w+Exception\b|\w+Error\b|\w+(?:Denied|Exceeded|NotFound|Invalid|Expired|Failed|Conflict)\b",
);

static CALM: Pattern = Pattern::new(
    r"(?ix)
    \b(?:0|no|zero|without)\ (?:errors?|failures?|failed)\b | \b(?:errors?|failures?|failed|fail)\s*[:=]\s*0\b | \b0\ failed\b
  | \bretry(?:ing)?\b.*\b(?:in|attempt|again)\b | \bwill\ retry\b | \bretrying\b | \battempt\ \d+\s*(?:/|of)\s*\d+
  | ^\W*(?:info|debug|notice|deprecat\w+|note|hint)\b[\]:\s] | ^\W*warn(?:ing)?\b(?:[\]:]|\ (?-i:[a-z(])) | ^\W*npm\ (?:warn|notice)\b | \b(?:WARN|INFO|DEBUG)\b\s
  | ^\W*(?:ok|pass|passed|✓|✔|√)\b | \btest\ \S+\ \.\.\.\ ok | (?:--?|\b)(?:on-?(?:error|failure)|fail-on|no-fail|ignore-errors?|rollback-on-failure|disable[\ -]rollback)\b
  | \b(?:if|when|unless)\b.*\b(?:fails?|errors?)\b | \berror[\ -](?:handler|handling|page|rate|budget|queue|topic|alarm|log|logs|logging)\b
  | \balready\ exists?,\ (?:skipp|us)ing\b | \bnothing\ to\ (?:commit|do|deploy)\b | \bup[\ -]to[\ -]date\b
  | ^\s*[│├└][\s│├└─]*\[[-+~]\]\s | ^\[[-+~]\]\ AWS:: | Function\ not\ found:.*StackSetAccountGate\b
  | ^\W*(?:Alarm|Group)Description\W*:
  | \[WARN(?:ING)?\]\s | ^\s+[\w-]+:\ [\w-]+\ \(\d+(?:\.\d+)?\ [kM]?B\)$
  | ^\W*[\w/.-]+\ -\ does\ not\ exist\.$ | \bcontinuing\ without\b
  | _COMPLETE\b | \bsucceeded\b | \bexpected\ (?:error|failure)\b
",
);

static WELL: Pattern = Pattern::new(
    r"(?ix)
    ✅ | \bsuccessfully\ (?:created|updated|deployed|deleted|finished|completed|created/updated|provisioned|rolled\ out|removed|destroyed)
  | \b(?:deploy(?:ment|ed)?|stack|build|pipeline|job|update|upgrade|rollout|release|cluster|setup|install(?:ation)?)\b[^.]{0,60}\b(?:succeeded|successful(?:ly)?|complete[d]?|finished|is\ ready|deployed|is\ up)\b
  | \b(?:completed|finished|deleted|removed|destroyed)\ successfully\b | \bexit(?:ed)?\ (?:code|status|with\ code)\W*0\b | ^\W*(?:done|finished|all\ done|success)\b[.!]*$
  | (?:^\W*|\[)✔\]?\s.*\b(?:deployed|created|updated|deleted|completed?)\b | \bapply\ complete\b | \b\d+\ passed\b | \bSTATUS:\ deployed\b | \bno\ changes\b
",
);

/// As [`sign`], for a line of a long log, where soft words prove nothing.
pub(crate) fn loud(line: &str) -> Sign {
    if stems::has_any(line) { sign(line) } else { Sign::None }
}

/// How loudly the line says that something failed.
pub(crate) fn sign(line: &str) -> Sign {
    if FIXED.is_match(line) {
        Sign::Loud
    } else if ANNOUNCED.is_match(line) {
        Sign::Soft
    } else if line.trim().len() < 4 || is_calm(line) {
        Sign::None
    } else if LOUD.is_match(line) {
        Sign::Loud
    } else if SOFT.is_match(&prose(line)) {
        Sign::Soft
    } else {
        Sign::None
    }
}

/// The line without the words that name things, such as `aws_sqs_queue.failed`, `jobs/error-topic` or `error-log-0`.
fn prose(line: &str) -> String {
    let names = |word: &&str| {
        let inner = word.trim_matches(|c: char| !c.is_alphanumeric());
        let numbered =
            inner.rsplit_once('-').is_some_and(|(_, last)| last.contains(|c: char| c.is_ascii_digit()));
        !inner.contains(['.', '_', '/']) && !numbered
    };
    line.split_whitespace().filter(names).collect::<Vec<_>>().join(" ")
}

/// Whether the line is marked as a warning, as loggers mark one; events of a cluster that warn tell failures.
pub(crate) fn is_warning(line: &str) -> bool {
    let text = line.trim_start_matches(['[', ' ', '(']);
    let text = text.strip_prefix("DEPRECATION ").unwrap_or(text);
    let marked = text.strip_prefix("WARNING").is_some_and(|rest| rest.starts_with([' ', ':', ']']));
    // the last of a downloader's tries tells why the package was not found
    marked && !text.contains("after connection broken by")
}

/// Whether the line is marked as an error, as loggers mark one.
pub(crate) fn is_marked_error(line: &str) -> bool {
    let text = line.trim_start_matches(['[', ' ', '(']);
    text.strip_prefix("ERROR").is_some_and(|rest| rest.starts_with([' ', ':', ']']))
}

/// Whether the line uses words of failure while nothing failed.
pub(crate) fn is_calm(line: &str) -> bool {
    CALM.is_match(line) || is_listed(line)
}

/// Whether the line lists what was deployed under its short and its whole name: `onError: orders-dev-onError`.
fn is_listed(line: &str) -> bool {
    let listed = line.trim().split_once(": ").filter(|(short, _)| short.len() > 2 && !short.contains(' '));
    listed.is_some_and(|(short, name)| {
        let before = name.strip_suffix(short).and_then(|before| before.strip_suffix('-'));
        before.is_some_and(|before| !before.is_empty() && !before.contains([' ', ':']))
    })
}

/// Whether the line says that the whole run ended well.
pub(crate) fn ends_well(line: &str) -> bool {
    WELL.is_match(line) && !line.contains("not ") && !line.to_ascii_lowercase().contains("fail")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        for pattern in [&FIXED, &ANNOUNCED, &LOUD, &SOFT, &CALM, &WELL] {
            pattern.assert_reads();
        }
    }

    #[test]
    fn error_messages_are_loud() {
        for line in [
            "An error occurred (X) when calling the Y operation: z",
            "Error: failed to create cluster",
            "✘ deploy service: boom",
            "  '$fault': 'client',",
            "✘ deploy service: stack orchard-dev-web did not complete successfully and exited with status ROLLBACK_COMPLETE",
            "botocore.exceptions.NoRegionError: You must specify a region.",
            "fatal: could not read from remote repository",
            "[INFO   ] :eu-west-1  CREATE_FAILED   [kiln-test-1]",
            "❌ Kiln failed: The stack named Kiln failed to deploy: UPDATE_ROLLBACK_COMPLETE",
            "Waiter StackCreateComplete failed: Waiter encountered a terminal failure state: \"ROLLBACK_COMPLETE\"",
        ] {
            assert_eq!(sign(line), Sign::Loud, "{line}");
        }
    }

    #[test]
    fn a_marked_line_is_no_leaf_of_a_tree() {
        assert_eq!(sign("[-] Error: the kiln could not be made"), Sign::Loud);
    }

    #[test]
    fn a_sentence_that_ends_with_its_key_is_no_listing() {
        assert!(!is_calm("reportError: the kiln-reportError"));
        assert!(!is_calm("AccessDenied: AccessDenied"));
    }

    #[test]
    fn every_loud_wording_has_a_piece_that_long_logs_are_searched_for() {
        for line in [
            "FATAL: x",
            "CRITICAL: x",
            "SEVERE: x",
            "npm error x",
            "fatal: x",
            "panic: x",
            "E0001: an Error: x",
            "error in x",
            "NoSuchKeyException: x",
            "DBNotFoundFault: x",
            "❌ x",
            "× x",
            "Traceback (most recent call last):",
            "ACCESS DENIED",
            "x is not authorized",
            "UNAUTHORIZED x",
            "permission denied",
            "FAILED TO x",
            "an early failure",
            "it was not successful",
            "COULD NOT x",
            "I couldn't x",
            "we couldn’t x",
            "CANNOT x",
            "he can't x",
            "she can’t x",
            "UNABLE TO x",
            "Build Failed",
            "exit code 2",
            "exit status: 1",
            "exited with code 3",
            "CREATE_FAILED",
            "CrashLoopBackOff",
            "x ErrImagePull x",
            "deploy failed: x",
            "it failed with x",
            "exited with error",
            "«Kiln» x error",
            "No stack found, error",
            "'$fault': 'client'",
            "while parsing a x",
            "while scanning a x",
            "expected <block end>",
            "HandlerErrorCode",
            "Resource handler returned message",
            "encountered a terminal failure state",
            "Status Code: 400",
            "status code: 500",
        ] {
            assert_eq!((sign(line), loud(line)), (Sign::Loud, Sign::Loud), "{line}");
        }
    }

    #[test]
    fn a_line_that_only_announces_an_error_gives_way_to_the_one_that_tells_it() {
        assert_eq!(sign("Oh no! An error occurred! :("), Sign::Soft);
        assert_eq!(sign("An error occurred: the drum is out of true"), Sign::Loud);
    }

    #[test]
    fn words_of_failure_in_calm_lines_are_no_sign() {
        for line in [
            "default       error-collector-0          1/1     Running   0             3h",
            "Tests: 0 failed, 12 passed",
            "WARNING: this option is deprecated",
            "Throttled, retrying in 2 seconds",
            "CREATE_COMPLETE AWS::SNS::Topic ErrorTopic",
            "--on-failure ROLLBACK",
            " │   ├─ [-] Fails with AccessDenied while the role is missing",
            "[+] AWS::SQS::Queue FailedOrders FailedOrders8C1D2E3F",
            "  reportError: orchard-dev-reportError",
            "      AlarmDescription: access denied too often",
            "\"StatusReason\": \"Function not found: arn:aws:lambda:eu-west-1:444455556666:function:AWSCloudFormationStackSetAccountGate\"",
        ] {
            assert_eq!(sign(line), Sign::None, "{line}");
        }
    }
}
