//! Wordings of services that say one thing and mean another, judged by the built-in rules.

use provision_rules::{Category, Rulebook, Verdict, diagnose};

fn verdict(text: &str) -> Verdict {
    let book = Rulebook::builtin();
    let found = diagnose(text.as_bytes(), &book).expect("readable").verdict;
    found.unwrap_or_else(|| panic!("no failure found in {text}"))
}

/// Checks the category of each text.
fn assert_categories(cases: &[(Category, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .map(|(want, text)| (want, text, verdict(text)))
        .filter(|(want, _, got)| got.category != **want)
        .map(|(want, text, got)| format!("want {want:?}, got {:?} by {:?}: {text}", got.category, got.rule))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_sentence_counts_more_than_the_handlers_error_code() {
    assert_categories(&[
        (
            Category::QuotaExceeded,
            r#"Resource handler returned message: "The maximum number of addresses has been reached. (Service: Ec2, Status Code: 400)" (RequestToken: 1, HandlerErrorCode: GeneralServiceException)"#,
        ),
        (
            Category::NotFound,
            r#"Resource handler returned message: "The image id '[ami-0aa11bb22cc33dd44]' does not exist (Service: Ec2, Status Code: 400)" (RequestToken: 1, HandlerErrorCode: InvalidRequest)"#,
        ),
        (
            Category::PolicyBlocked,
            r#"Resource handler returned message: "User: arn:aws:sts::111122223333:assumed-role/ci/run is not authorized to perform: ec2:CreateVpc on resource: arn:aws:ec2:eu-west-1:111122223333:vpc/* with an explicit deny in a service control policy" (RequestToken: 1, HandlerErrorCode: GeneralServiceException)"#,
        ),
    ]);
}

#[test]
fn a_wrapper_around_many_causes_is_opened() {
    assert_categories(&[
        (
            Category::NotFound,
            r#"Resource handler returned message: "You must use a valid fully-formed launch template. The image id '[ami-0aa11bb22cc33dd44]' does not exist (Service: AutoScaling, Status Code: 400)" (RequestToken: 1, HandlerErrorCode: InvalidRequest)"#,
        ),
        (
            Category::AccessDenied,
            r#"Resource handler returned message: "You must use a valid fully-formed launch template. You are not authorized to perform this operation. User: arn:aws:iam::111122223333:user/ci is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/press because no identity-based policy allows the iam:PassRole action" (RequestToken: 1, HandlerErrorCode: InvalidRequest)"#,
        ),
        (
            Category::AlreadyExists,
            "The following hook(s)/validation failed: [AWS::EarlyValidation::ResourceExistenceCheck]. To troubleshoot Early Validation errors, use the DescribeEvents API for detailed failure information.",
        ),
        (
            Category::Unknown,
            r#"Resource handler returned message: "null" (RequestToken: 1, HandlerErrorCode: null)"#,
        ),
    ]);
}

#[test]
fn what_a_service_calls_denied_or_invalid_may_be_something_else() {
    assert_categories(&[
        (
            Category::PolicyBlocked,
            "API: s3:PutBucketPolicy Access Denied because public policies are blocked by the BlockPublicPolicy block public access setting",
        ),
        (
            Category::Network,
            "Could not connect to the endpoint URL: \"https://sts.us-east-1a.amazonaws.com/\"",
        ),
        (
            Category::Credentials,
            "An error occurred (InvalidClientTokenId) when calling the CreateRole operation: The security token included in the request is invalid",
        ),
    ]);
}

#[test]
fn last_lines_that_mislead_do_not_win_over_the_cause() {
    let cause =
        "shop | 1/2 | 10:00:00 AM | CREATE_FAILED | AWS::SNS::Topic | Bell (Bell) bell already exists\n";
    for last in [
        "Has the environment been bootstrapped? Please run 'cdk bootstrap'",
        "Waiter StackCreateComplete failed: Waiter encountered a terminal failure state",
        "Resource is not in the state stackUpdateComplete",
        "Reason: null",
        "The following resource(s) failed to create: [Bell]. Rollback requested by user.",
    ] {
        let verdict = verdict(&format!("{cause}\n{last}\n"));
        assert_eq!(verdict.root.logical_id.as_deref(), Some("Bell"), "{last}");
        assert_eq!(verdict.category, Category::AlreadyExists, "{last}");
    }
}

#[test]
fn a_connection_that_failed_inside_a_custom_resource_is_not_the_operators() {
    assert_categories(&[(
        Category::CustomResource,
        "14:52:06 UTC+0100\tUPDATE_FAILED\tCustom::Mirror\tMirror\tReceived response status [FAILED] from custom resource. Message returned: Error: connect ECONNREFUSED 10.0.12.4:5432 (RequestId: 6e5d4c3b-2a19-4807-96f5-e4d3c2b1a098)",
    )]);
}
