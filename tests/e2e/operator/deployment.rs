//! What the stand-ins answer about a deployment: pods, certificates, mail and volumes as the real tools print them.

use serde_json::{Value, json};

use crate::platform::Platform;

/// The server of the cluster, by which its kubectl context is told from others.
const SERVER: &str = "https://0123456789ABCDEF.gr7.us-east-1.eks.amazonaws.com";

/// An answer of a tool to calls that have these words.
pub fn answer(tool: &str, words: &[&str], document: Value) -> Value {
    json!({ "tool": tool, "words": words, "json": document })
}

/// An error of a tool, as it exits with one.
pub fn refusal(tool: &str, words: &[&str], said: &str) -> Value {
    json!({ "tool": tool, "words": words, "stdout": " ", "stderr": format!("\n{said}\n"), "code": 254 })
}

/// What the AWS CLI says to who may not.
pub fn denied(words: &[&str], operation: &str, action: &str) -> Value {
    refusal(
        "aws",
        words,
        &format!(
            "An error occurred (AccessDeniedException) when calling the {operation} operation: User: arn:aws:iam::123456789012:user/watcher is not authorized to perform: {action}"
        ),
    )
}

/// A platform whose tools give these answers, the first that fits.
pub fn platform(answers: &[Value]) -> Platform {
    Platform::new().with_cloudformation().answers(answers)
}

/// An eks deployment in which everything is as it should be.
pub fn healthy_eks() -> Vec<Value> {
    [kubernetes(json!([pod_ready("nginx-1"), pod_ready("platform-1")]), json!([])), around()].concat()
}

/// Certificate, records and mail of a healthy deployment.
pub fn around() -> Vec<Value> {
    let arn = "arn:aws:acm:us-east-1:123456789012:certificate/0e2f5a7c";
    let topic = "arn:aws:sns:us-east-1:123456789012:demo-email-events";
    vec![
        answer(
            "aws",
            &["acm", "list-certificates"],
            json!({ "CertificateSummaryList": [
            { "CertificateArn": arn, "DomainName": "ci.example.invalid" },
        ] }),
        ),
        answer("aws", &["acm", "describe-certificate"], certificate("ISSUED")),
        answer("aws", &["route53", "list-resource-record-sets"], zone(true)),
        answer("aws", &["route53", "list-hosted-zones-by-name"], json!({ "HostedZones": [] })),
        answer(
            "aws",
            &["sesv2", "get-email-identity"],
            json!({
                "IdentityType": "DOMAIN", "VerifiedForSendingStatus": true, "DkimAttributes": { "Status": "SUCCESS" },
            }),
        ),
        answer(
            "aws",
            &["sesv2", "get-account"],
            json!({ "SendingEnabled": true, "ProductionAccessEnabled": true }),
        ),
        answer("aws", &["sns", "list-topics"], json!({ "Topics": [{ "TopicArn": topic }] })),
        answer(
            "aws",
            &["sns", "list-subscriptions-by-topic"],
            json!({ "Subscriptions": [
            { "SubscriptionArn": format!("{topic}:6b0e71bd"), "Protocol": "email", "Endpoint": "ops@example.invalid" },
        ] }),
        ),
    ]
}

/// The certificate of the domain in a status.
pub fn certificate(status: &str) -> Value {
    json!({ "Certificate": {
        "DomainName": "ci.example.invalid", "Status": status, "NotAfter": "2099-01-01T00:00:00+00:00",
        "DomainValidationOptions": [{ "DomainName": "ci.example.invalid", "ValidationStatus": "PENDING_VALIDATION",
            "ResourceRecord": { "Name": "_a1b2.ci.example.invalid.", "Type": "CNAME", "Value": "_c3d4.acm-validations.aws." } }],
    } })
}

/// The public zone with the alias, and with the validation record or without.
pub fn zone(validated: bool) -> Value {
    let alias = json!({ "Name": "ci.example.invalid.", "Type": "A", "AliasTarget": {
        "HostedZoneId": "Z35SXDOTRQ7X7K", "DNSName": "k8s-pb-1.us-east-1.elb.amazonaws.com.", "EvaluateTargetHealth": true } });
    let record = json!({ "Name": "_a1b2.ci.example.invalid.", "Type": "CNAME", "TTL": 300,
        "ResourceRecords": [{ "Value": "_c3d4.acm-validations.aws." }] });
    let records = if validated { vec![alias, record] } else { vec![alias] };
    json!({ "ResourceRecordSets": records, "IsTruncated": false, "MaxItems": "100" })
}

/// The cluster, the context that belongs to it among others, its pods, events and claims.
pub fn kubernetes(pods: Value, events: Value) -> Vec<Value> {
    let context = |name: &str| json!({ "name": name, "context": { "cluster": name, "user": name } });
    let cluster = |name: &str, server: &str| json!({ "name": name, "cluster": { "server": server } });
    vec![
        answer(
            "aws",
            &["eks", "describe-cluster"],
            json!({ "cluster": {
            "name": "demo", "status": "ACTIVE", "version": "1.32", "endpoint": SERVER, "health": { "issues": [] } } }),
        ),
        answer(
            "kubectl",
            &["config", "view"],
            json!({
            "current-context": "other", "contexts": [context("other"), context("demo")],
            "clusters": [cluster("other", "https://other.example.invalid"), cluster("demo", SERVER)] }),
        ),
        answer("kubectl", &["get", "pods"], json!({ "kind": "List", "items": pods })),
        answer("kubectl", &["get", "events"], json!({ "kind": "List", "items": events })),
        answer(
            "kubectl",
            &["get", "persistentvolumeclaims"],
            json!({ "kind": "List", "items": [
            claim("postgres-data", "pb-ebs", "10Gi"), claim("registry", "pb-efs", "40Gi"),
        ] }),
        ),
        answer(
            "kubectl",
            &["get", "storageclasses"],
            json!({ "kind": "List", "items": [
            { "metadata": { "name": "pb-ebs" }, "provisioner": "ebs.csi.eks.amazonaws.com", "allowVolumeExpansion": true },
            { "metadata": { "name": "pb-efs" }, "provisioner": "efs.csi.aws.com" },
        ] }),
        ),
    ]
}

pub fn claim(name: &str, class: &str, size: &str) -> Value {
    json!({ "metadata": { "name": name }, "spec": { "storageClassName": class,
        "resources": { "requests": { "storage": size } } },
        "status": { "phase": "Bound", "capacity": { "storage": size } } })
}

pub fn pod_ready(name: &str) -> Value {
    json!({ "metadata": { "name": name, "creationTimestamp": "2026-01-01T00:00:00Z" }, "status": { "phase": "Running",
        "conditions": [{ "type": "Ready", "status": "True" }],
        "containerStatuses": [{ "name": "main", "ready": true, "restartCount": 0, "state": { "running": {} } }] } })
}

/// A pod whose container waits for a reason.
pub fn pod_waiting(name: &str, reason: &str, message: &str, last: Option<Value>) -> Value {
    let last = last.map_or_else(|| json!({}), |end| json!({ "terminated": end }));
    json!({ "metadata": { "name": name, "creationTimestamp": "2026-01-01T00:00:00Z" }, "status": { "phase": "Pending",
        "conditions": [{ "type": "Ready", "status": "False" }],
        "containerStatuses": [{ "name": "main", "ready": false, "restartCount": 6, "lastState": last,
            "state": { "waiting": { "reason": reason, "message": message } } }] } })
}

/// A pod that no node takes.
pub fn pod_unscheduled(name: &str, message: &str) -> Value {
    json!({ "metadata": { "name": name, "creationTimestamp": "2026-01-01T00:00:00Z" }, "status": { "phase": "Pending",
        "conditions": [{ "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message }] } })
}

/// A warning about a pod.
pub fn warning(pod: &str, reason: &str, message: &str) -> Value {
    json!({ "type": "Warning", "reason": reason, "message": message, "count": 3,
        "involvedObject": { "kind": "Pod", "name": pod, "namespace": "pipeline-builder" } })
}

/// The instance of an ec2 stack with its two volumes, the data volume of this size.
pub fn instance(gib: u64) -> Vec<Value> {
    let resource = |kind: &str, id: &str| json!({ "LogicalResourceId": "X", "ResourceType": kind, "PhysicalResourceId": id, "ResourceStatus": "CREATE_COMPLETE" });
    let volume = |id: &str, device: &str, size: u64| {
        json!({ "VolumeId": id, "Size": size, "VolumeType": "gp3", "State": "in-use", "AvailabilityZone": "us-east-1a",
            "Attachments": [{ "Device": device, "InstanceId": "i-0a1b2c" }] })
    };
    vec![
        answer(
            "aws",
            &["cloudformation", "list-stack-resources"],
            json!({ "StackResourceSummaries": [
            resource("AWS::EC2::Instance", "i-0a1b2c"),
            resource("AWS::ElasticLoadBalancingV2::TargetGroup", "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/demo/1"),
        ] }),
        ),
        answer(
            "aws",
            &["ec2", "describe-instances"],
            json!({ "Reservations": [{ "Instances": [{
            "InstanceId": "i-0a1b2c", "InstanceType": "t3.2xlarge", "State": { "Name": "running" }, "RootDeviceName": "/dev/xvda",
        }] }] }),
        ),
        answer(
            "aws",
            &["elbv2", "describe-target-health"],
            json!({ "TargetHealthDescriptions": [
            { "Target": { "Id": "i-0a1b2c", "Port": 30080 }, "TargetHealth": { "State": "healthy" } },
        ] }),
        ),
        answer(
            "aws",
            &["ec2", "describe-volumes", "attachment.instance-id"],
            json!({ "Volumes": [
            volume("vol-0root", "/dev/xvda", 60), volume("vol-0data", "/dev/xvdf", gib),
        ] }),
        ),
    ]
}
