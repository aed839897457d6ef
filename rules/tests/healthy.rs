//! Output of runs that went well gives no finding, whatever words it contains.

mod common;

use provision_rules::{Rulebook, Status, diagnose};

const HEALTHY: &[(&str, &str)] = &[
    (
        "a deploy with resources named after errors",
        "shop | 0/3 | 10:00:00 AM | CREATE_IN_PROGRESS | AWS::CloudFormation::Stack | shop User Initiated\nshop | 1/3 | 10:00:10 AM | CREATE_COMPLETE | AWS::SNS::Topic | Alarms/ErrorTopic (FailedErrorTopic)\nshop | 3/3 | 10:00:20 AM | CREATE_COMPLETE | AWS::CloudFormation::Stack | shop\n\n ✅  shop\n\n✨  Deployment time: 20.1s\n",
    ),
    (
        "a SAM deploy",
        "CloudFormation events from stack operations (refresh every 5.0 seconds)\n-------------------------------------------------------------------------------------------------\nResourceStatus           ResourceType             LogicalResourceId        ResourceStatusReason\n-------------------------------------------------------------------------------------------------\nCREATE_IN_PROGRESS       AWS::CloudFormation::S   billing                  User Initiated\n                         tack\nCREATE_COMPLETE          AWS::SQS::Queue          FailedJobsQueue          -\nCREATE_COMPLETE          AWS::CloudFormation::S   billing                  -\n                         tack\n-------------------------------------------------------------------------------------------------\n\n\nSuccessfully created/updated stack - billing in eu-west-1\n",
    ),
    (
        "a retry that succeeded",
        "Uploading template\nError: Rate exceeded\nretrying in 2s (attempt 2 of 5)\nUploading template\nSuccessfully created/updated stack - billing in eu-west-1\n",
    ),
    (
        "tests with failure words in their names",
        "running 3 tests\ntest denied_requests_return_error_403 ... ok\ntest a_failed_payment_is_retried ... ok\ntest bucket_already_exists_is_handled ... ok\n\ntest result: ok. 3 passed; 0 failed; 0 ignored\n",
    ),
    (
        "a delete that needed a second try",
        "10:05:00 UTC+0100\tDELETE_COMPLETE\tAWS::CloudFormation::Stack\tshop\t\n10:04:00 UTC+0100\tDELETE_COMPLETE\tAWS::EC2::SecurityGroup\tWebGroup\t\n10:03:00 UTC+0100\tDELETE_IN_PROGRESS\tAWS::EC2::SecurityGroup\tWebGroup\t\n10:02:00 UTC+0100\tDELETE_FAILED\tAWS::EC2::SecurityGroup\tWebGroup\tresource sg-1 has a dependent object\n10:01:00 UTC+0100\tDELETE_IN_PROGRESS\tAWS::EC2::SecurityGroup\tWebGroup\t\n10:00:00 UTC+0100\tDELETE_IN_PROGRESS\tAWS::CloudFormation::Stack\tshop\tUser Initiated\n",
    ),
    (
        "a Serverless service that is removed, with a version kept",
        "Removing error-digest from stage dev (eu-west-1)\n\n  DELETE_IN_PROGRESS - AWS::CloudFormation::Stack - error-digest-dev\n  DELETE_SKIPPED - AWS::Lambda::Version - DigestErrorsVersionw3Zq7\n  DELETE_COMPLETE - AWS::CloudFormation::Stack - error-digest-dev\n\n✔ Service error-digest has been successfully removed (41s)\n",
    ),
    (
        "a SAM stack that is deleted, with an artifact gone already",
        "        - Deleting S3 object with key timeouts/0a1b2c\n        - Could not find and delete the S3 object with the key timeouts/9f8e7d\n\t- Deleting Cloudformation stack timeouts\n\nDeleted successfully\n",
    ),
    (
        "a Serverless deploy with a warning, and a function named after failures",
        "Deploying orders to stage prod (eu-west-1)\n\nWarning: Invalid configuration encountered\n  at 'functions.failed.events.0': unrecognized property 'retrys'\n\n✔ Service deployed to stack orders-prod (64s)\n\nfunctions:\n  failed: orders-prod-failed (2.1 MB)\n",
    ),
    (
        "an eksctl node group, of which a check was skipped",
        "2026-03-01 10:00:00 [!]  failed to determine instance quota, skipping: AccessDeniedException\n2026-03-01 10:00:01 [✔]  created 1 managed nodegroup(s) in cluster \"shop\"\n",
    ),
    (
        "a sandbox that could not look for updates",
        "3:06:41 PM [INFO] amplify-shop-sandbox | UPDATE_COMPLETE | AWS::CloudFormation::Stack | amplify-shop-sandbox\n3:06:42 PM [INFO] ✔ Deployment completed in 31.2 seconds\n3:06:43 PM [WARN] Unable to check for updates: request failed\n",
    ),
    (
        "nothing to update",
        "An error occurred (ValidationError) when calling the UpdateStack operation: No updates are to be performed.\n",
    ),
    (
        "an eksctl cluster",
        "2026-03-01 10:00:00 [ℹ]  eksctl version 0.190.0\n2026-03-01 10:00:01 [ℹ]  creating EKS cluster \"shop\" in \"eu-west-1\" region\n2026-03-01 10:00:02 [!]  recommended policies were found for \"vpc-cni\" addon, but since OIDC is disabled on the cluster, eksctl cannot configure the requested permissions\n2026-03-01 10:12:02 [✔]  all EKS cluster resources for \"shop\" have been created\n2026-03-01 10:12:40 [✔]  EKS cluster \"shop\" in \"eu-west-1\" region is ready\n",
    ),
    (
        "a Serverless deploy",
        "Deploying orders to stage prod (eu-west-1)\n\n✔ Service deployed to stack orders-prod (41s)\n\nfunctions:\n  onError: orders-prod-onError (1.1 MB)\n  retryFailed: orders-prod-retryFailed (1.1 MB)\n",
    ),
    (
        "npm with warnings",
        "npm warn deprecated inflight@1.0.6: This module is not supported, and leaks memory. Do not use it.\n\nadded 212 packages, and audited 213 packages in 6s\n\nfound 0 vulnerabilities\n",
    ),
    (
        "kubectl and helm",
        "deployment.apps/error-reporter created\nservice/failed-jobs configured\ndeployment \"error-reporter\" successfully rolled out\nRelease \"shop\" has been upgraded. Happy Helming!\nNAME: shop\nSTATUS: deployed\nREVISION: 4\n",
    ),
    (
        "docker compose",
        "[+] Running 3/3\n ✔ Network shop_default      Created\n ✔ Container shop-error-api  Started\n ✔ Container shop-db         Healthy\n",
    ),
    (
        "a stack description",
        "{\"Stacks\": [{\"StackName\": \"shop\", \"StackStatus\": \"UPDATE_COMPLETE\", \"DisableRollback\": false, \"Outputs\": [{\"OutputKey\": \"ErrorTopic\", \"OutputValue\": \"arn:aws:sns:eu-west-1:111122223333:failed-jobs\"}]}]}",
    ),
    ("a cancelled resource alone", "Alerts | CREATE_FAILED | Resource creation cancelled\n"),
    (
        "a summary alone",
        "The following resource(s) failed to create: [Alerts, Role]. Rollback requested by user.\n",
    ),
    (
        "a long log with words of failure in names",
        "loading error handler for queue failed_jobs\nloaded module errors.rs\nerror budget 99.9 %\nregistered onFailure hook\nserving\nready\n",
    ),
    ("prose", "The quick brown fox\njumps over the lazy dog\n"),
    (
        "aws cloudformation deploy",
        "\nWaiting for changeset to be created..\nWaiting for stack create/update to complete\nSuccessfully created/updated stack - shop\n",
    ),
    (
        "aws cloudformation deploy without changes",
        "\nWaiting for changeset to be created..\n\nNo changes to deploy. Stack shop is up to date\n",
    ),
    (
        "a change set listing",
        "CloudFormation stack changeset\n-------------------------------------------------------------------------------------------------\nOperation                LogicalResourceId        ResourceType             Replacement\n-------------------------------------------------------------------------------------------------\n+ Add                    DeniedRequests           AWS::SQS::Queue          N/A\n* Modify                 ErrorAlarm               AWS::CloudWatch::Alarm   False\n-------------------------------------------------------------------------------------------------\n",
    ),
    (
        "terraform",
        "aws_sqs_queue.failed: Creating...\naws_sqs_queue.failed: Creation complete after 1s\n\nApply complete! Resources: 1 added, 0 changed, 0 destroyed.\n",
    ),
    (
        "a linter",
        "checking templates/shop.yaml\n0 errors, 2 warnings\nerror-handling.yaml: ok\nno errors found\n",
    ),
    (
        "CDK with nothing to do",
        "✨  Synthesis time: 4.1s\n\nshop: deploying... [1/1]\n\n ✅  shop (no changes)\n\n✨  Deployment time: 0.4s\n",
    ),
    (
        "a rolling update with signals",
        "10:00:05 UTC+0100\tUPDATE_COMPLETE\tAWS::CloudFormation::Stack\tfleet\t\n10:00:04 UTC+0100\tUPDATE_COMPLETE\tAWS::AutoScaling::AutoScalingGroup\tGroup\t\n10:00:03 UTC+0100\tUPDATE_IN_PROGRESS\tAWS::AutoScaling::AutoScalingGroup\tGroup\tSuccessfully terminated instance(s) [i-1] (Progress 100%).\n10:00:02 UTC+0100\tUPDATE_IN_PROGRESS\tAWS::AutoScaling::AutoScalingGroup\tGroup\tReceived SUCCESS signal with UniqueId i-2\n10:00:01 UTC+0100\tUPDATE_IN_PROGRESS\tAWS::AutoScaling::AutoScalingGroup\tGroup\tRolling update initiated. Terminating 1 obsolete instance(s) in batches of 1.\n10:00:00 UTC+0100\tUPDATE_IN_PROGRESS\tAWS::CloudFormation::Stack\tfleet\tUser Initiated\n",
    ),
];

#[test]
fn healthy_output_gives_no_finding() {
    let books = [("test rules", common::book()), ("built-in rules", Rulebook::builtin())];
    let mut found = Vec::new();
    for (which, book) in &books {
        for (name, text) in HEALTHY {
            let diagnosis = diagnose(text.as_bytes(), book).expect("readable");
            if diagnosis.status != Status::Healthy || diagnosis.verdict.is_some() {
                let verdict = diagnosis.verdict.expect("a failed diagnosis has a verdict");
                found.push(format!("{name} ({which}): {:?} at {:?}", verdict.rule, verdict.root));
            }
        }
    }
    assert!(found.is_empty(), "{} findings in healthy output:\n{}", found.len(), found.join("\n"));
}

#[test]
fn a_json_document_without_an_event_is_not_called_healthy() {
    let answer = "{\n  \"LogGroupName\": \"/aws/lambda/error-handler\",\n  \"StateReason\": \"nothing was missing\"\n}\n";
    for text in ["{}", "[]", "{\"StackEvents\": []}", answer] {
        let refused = diagnose(text.as_bytes(), &common::book()).expect_err(text);
        assert!(refused.to_string().contains("no stack events"), "{text}: {refused}");
    }
    let line = "{\"level\":\"info\",\"msg\":\"deploy of orchard finished\"}\n";
    let log = diagnose(line.as_bytes(), &common::book()).expect("a log of one line");
    assert_eq!(log.status, Status::Healthy);
}
