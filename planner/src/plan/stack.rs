//! A CloudFormation stack that the executor deploys or deletes through the API.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::EnvValue;

/// What is deployed as a stack without any script.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StackPlan {
    /// The stack's name.
    pub name: String,
    /// The region; absent to take the one that the AWS SDK resolves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The profile of the AWS configuration; absent to take the one that the AWS SDK resolves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The template; absent for a teardown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<TemplateFile>,
    /// The S3 bucket to store the template in, which is too large for a request; absent where it fits into one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template_bucket: Option<String>,
    /// The parameters that are stated. Others keep the value that the stack has, or the template's default.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, EnvValue>,
    /// The names of all parameters of the template.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub template_parameters: Vec<String>,
    /// The values that a parameter takes, of those for which the template says so.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub choices: BTreeMap<String, Vec<String>>,
    /// The capabilities that are acknowledged, such as `CAPABILITY_IAM`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<String>,
    /// The stack's tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

/// A template's file and what was in it when the plan was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TemplateFile {
    /// The file, relative to the target's folder of the checkout, or to where the plan was made.
    pub path: String,
    /// `sha256:` and the digest of its text; the run refuses another.
    pub digest: String,
}
