//! The failure families a verdict can name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The family of a root cause, not of its symptoms. One per verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// A resource, name, alias, record or identity of that name is there already.
    AlreadyExists,
    /// A service quota or limit on the count or size of account resources is used up.
    QuotaExceeded,
    /// AWS lacks capacity, or the zone or region does not offer the type or feature.
    Capacity,
    /// The caller or a service role lacks a permission.
    AccessDenied,
    /// An organisation or account guard refused: SCP, hook, boundary, stack policy, Block Public Access.
    PolicyBlocked,
    /// The caller's credentials are missing, expired or invalid.
    Credentials,
    /// The request rate was exceeded.
    Throttling,
    /// Something the template or a parameter points at does not exist.
    NotFound,
    /// A property value was rejected by the service or by model validation.
    InvalidProperty,
    /// CloudFormation refused the template itself before any resource.
    TemplateError,
    /// `CAPABILITY_IAM`, `CAPABILITY_NAMED_IAM` or `CAPABILITY_AUTO_EXPAND` was not acknowledged.
    Capabilities,
    /// The stack is in a state that forbids the operation.
    StackState,
    /// There was nothing to update.
    NoChanges,
    /// Something still depends on what should be deleted or changed.
    DependencyInUse,
    /// The update needs the replacement of a custom-named or immutable thing.
    ReplacementConflict,
    /// An ACM certificate is pending or failed validation.
    CertificateValidation,
    /// An SES identity is not verified, or the account is in the sandbox, or the sender was rejected.
    EmailIdentity,
    /// A container image could not be pulled.
    ImagePull,
    /// The resource was created but never became healthy in time.
    StabilizationTimeout,
    /// A wait condition or creation policy got no or failed signals from the instance.
    BootstrapSignal,
    /// A custom resource's Lambda failed or never answered.
    CustomResource,
    /// A thing just made is not visible yet; a plain re-run resolves it.
    EventualConsistency,
    /// An error on AWS's side, with no cause on the user's.
    InternalFailure,
    /// A Kubernetes, Helm, kubectl or eksctl failure above the AWS API.
    Kubernetes,
    /// The operator's machine could not reach AWS or a registry.
    Network,
    /// Noise that is never a root cause: cancellations and rollback echoes.
    Cancelled,
    /// A real failure whose cause is not in the text.
    Unknown,
}
