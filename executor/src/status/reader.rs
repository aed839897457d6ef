//! Which file reads the answers of a probe.

use serde::Deserialize;

use super::finding::Reading;
use super::{certificate, claims, cluster, containers, dns, instance, mail, pods, volumes};
use crate::ask::Answers;
use crate::run::Diagnose;

/// What a reader is given besides the answers.
pub(super) struct Surroundings<'a> {
    /// The rules.
    pub(super) diagnose: &'a Diagnose,
    /// The command that makes kubectl know the cluster.
    pub(super) context: Option<String>,
}

/// A reader by its name in the data.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Name {
    Certificate,
    Claims,
    Cluster,
    Containers,
    Dns,
    Instance,
    Mail,
    Pods,
    Volumes,
}

impl Name {
    pub(super) fn read(self, answers: &Answers, surroundings: &Surroundings<'_>) -> Reading {
        match self {
            Self::Certificate => certificate::read(answers),
            Self::Claims => claims::read(answers, surroundings),
            Self::Cluster => cluster::read(answers),
            Self::Containers => containers::read(answers, surroundings),
            Self::Dns => dns::read(answers),
            Self::Instance => instance::read(answers),
            Self::Mail => mail::read(answers),
            Self::Pods => pods::read(answers, surroundings),
            Self::Volumes => volumes::read(answers),
        }
    }
}
