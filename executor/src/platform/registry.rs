//! The platform's list of the pipelines it deployed.

use serde::Deserialize;
use serde_json::Value;

use super::PlatformApi;
use crate::error::ExecutorError;

const ROUTE: &str = "api/pipelines/registry";
/// Names under which an answer may carry the list.
const LISTS: [&str; 5] = ["data", "pipelines", "entries", "items", "registry"];

/// One pipeline that the platform deployed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegistryEntry {
    /// The platform's own id of it.
    pub pipeline_id: String,
    /// Its ARN, which also tells its region.
    #[serde(default)]
    pub pipeline_arn: String,
    /// Its name.
    #[serde(default)]
    pub pipeline_name: String,
    /// The stack it was deployed with, where the platform noted it.
    #[serde(default)]
    pub stack_name: Option<String>,
    /// The region it was deployed to, where the platform noted it.
    #[serde(default)]
    pub region: Option<String>,
}

impl RegistryEntry {
    /// The region, as noted or else as the ARN has it.
    pub fn region(&self) -> Option<&str> {
        let noted = self.region.as_deref().filter(|region| !region.is_empty());
        noted.or_else(|| self.pipeline_arn.split(':').nth(3).filter(|region| !region.is_empty()))
    }
}

impl PlatformApi {
    /// Every pipeline of the registry, or those of one organisation.
    ///
    /// # Errors
    /// [`ExecutorError::Platform`], also when the answer says that it is not the whole list.
    pub async fn registry(&self, org: Option<&str>) -> Result<Vec<RegistryEntry>, ExecutorError> {
        let mut all: Vec<RegistryEntry> = Vec::new();
        loop {
            let mut query: Vec<(&str, String)> =
                org.map(|org| ("orgId", org.to_owned())).into_iter().collect();
            if !all.is_empty() {
                query.push(("offset", all.len().to_string()));
            }
            let answer = self.get(ROUTE, &query).await?;
            let page = self.page(&answer)?;
            // a server that ignores the offset repeats its first page: that is no further one
            let repeats = !all.is_empty() && page.first().map(id) == all.first().map(id);
            let (more, count) = (says_more(&answer, all.len() + page.len()), page.len());
            if more && (repeats || count == 0) {
                let read = all.len();
                return Err(self.problem(ROUTE, &format!("only {read} pipelines of a longer list were sent")));
            }
            all.extend(page);
            if !more {
                return Ok(all);
            }
        }
    }

    fn page(&self, answer: &Value) -> Result<Vec<RegistryEntry>, ExecutorError> {
        let list = list(answer).ok_or_else(|| self.problem(ROUTE, "the answer has no list of pipelines"))?;
        serde_json::from_value(Value::Array(list.clone()))
            .map_err(|error| self.problem(ROUTE, &format!("a pipeline cannot be read: {error}")))
    }
}

fn id(entry: &RegistryEntry) -> &str {
    &entry.pipeline_id
}

/// The list in an answer, whether bare or wrapped once or twice.
fn list(answer: &Value) -> Option<&Vec<Value>> {
    if let Some(list) = answer.as_array() {
        return Some(list);
    }
    LISTS.iter().find_map(|name| list(answer.get(name)?))
}

/// Whether an answer says that there is more than the `read` entries so far.
fn says_more(answer: &Value, read: usize) -> bool {
    let places =
        [Some(answer), answer.get("data"), answer.get("pagination"), answer.pointer("/data/pagination")];
    places.into_iter().flatten().any(|place| {
        let total = place.get("total").and_then(Value::as_u64).is_some_and(|total| total > read as u64);
        let more = place.get("hasMore").and_then(Value::as_bool) == Some(true);
        total || more
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_list_is_found_bare_and_wrapped() {
        let entry = json!({ "pipelineId": "p1" });
        for answer in [
            json!([entry]),
            json!({ "data": [entry] }),
            json!({ "success": true, "data": { "pipelines": [entry] } }),
            json!({ "registry": [entry] }),
        ] {
            assert_eq!(list(&answer).map(Vec::len), Some(1), "{answer}");
        }
        assert!(list(&json!({ "data": {} })).is_none());
    }

    #[test]
    fn an_answer_that_is_not_the_whole_list_says_so() {
        assert!(says_more(&json!({ "data": { "total": 3 } }), 2));
        assert!(says_more(&json!({ "pagination": { "hasMore": true } }), 2));
        assert!(!says_more(&json!({ "total": 2, "hasMore": false }), 2));
        assert!(!says_more(&json!([]), 0));
    }

    #[test]
    fn the_region_is_the_noted_one_or_that_of_the_arn() {
        let arn = "arn:aws:codepipeline:eu-west-1:000000000000:orders".to_owned();
        let mut entry = RegistryEntry {
            pipeline_id: "p1".to_owned(),
            pipeline_arn: arn,
            pipeline_name: "orders".to_owned(),
            stack_name: None,
            region: None,
        };
        assert_eq!(entry.region(), Some("eu-west-1"));
        entry.region = Some("us-east-1".to_owned());
        assert_eq!(entry.region(), Some("us-east-1"));
    }
}
