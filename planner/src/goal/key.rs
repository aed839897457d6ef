//! The slots a goal can fill. What is not in this list can never come out of a text.

use serde::Deserialize;

/// A slot; `yes`, `force`, post-steps and secrets are absent on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::enum_variant_names, reason = "a key pair is a slot like any other")]
pub(crate) enum Key {
    Action,
    Target,
    Region,
    Domain,
    HostedZoneId,
    DeployMode,
    Email,
    EmailFrom,
    EmailFromName,
    AlertEmail,
    SkipSesIdentity,
    KeyPair,
    InstanceType,
    StackName,
    ClusterName,
    Lean,
    Init,
    WithPlugins,
    WithCompliance,
    WithSamples,
    WithAll,
    WithSmokeTest,
    WithEvents,
    BuildBootstrap,
    Retries,
    Repo,
    Ref,
    Workdir,
    AdminEmail,
}

impl Key {
    /// The slot's name in plans and in JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Action => "action",
            Self::Target => "target",
            Self::Region => "region",
            Self::Domain => "domain",
            Self::HostedZoneId => "hosted_zone_id",
            Self::DeployMode => "deploy_mode",
            Self::Email => "email",
            Self::EmailFrom => "email_from",
            Self::EmailFromName => "email_from_name",
            Self::AlertEmail => "alert_email",
            Self::SkipSesIdentity => "skip_ses_identity",
            Self::KeyPair => "key_pair",
            Self::InstanceType => "instance_type",
            Self::StackName => "stack_name",
            Self::ClusterName => "cluster_name",
            Self::Lean => "lean",
            Self::Init => "init",
            Self::WithPlugins => "with_plugins",
            Self::WithCompliance => "with_compliance",
            Self::WithSamples => "with_samples",
            Self::WithAll => "with_all",
            Self::WithSmokeTest => "with_smoke_test",
            Self::WithEvents => "with_events",
            Self::BuildBootstrap => "build_bootstrap",
            Self::Retries => "retries",
            Self::Repo => "repo",
            Self::Ref => "ref",
            Self::Workdir => "workdir",
            Self::AdminEmail => "admin_email",
        }
    }
}
