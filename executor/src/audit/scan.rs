//! Reads every stack of some regions at once and keeps what carries the platform's tag.

use std::sync::Arc;

use aws_config::retry::RetryConfig;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::error::ProvideErrorMetadata as _;
use aws_sdk_cloudformation::operation::describe_stacks::DescribeStacksOutput;
use aws_sdk_cloudformation::types::{Stack, Tag};
use tokio::task::JoinSet;

use super::pace::Pace;
use super::{ORG_TAGS, TAG};
use crate::aws::{self, AwsTarget};
use crate::tool::Tools;

/// How often one page is asked for while AWS throttles, each time with the SDK's own retries.
const ATTEMPTS: u32 = 8;

/// A stack with the platform's tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScannedStack {
    /// Its name.
    pub name: String,
    /// Its region.
    pub region: String,
    /// Its status as CloudFormation names it.
    pub status: String,
    /// The organisation its tag names.
    pub org: Option<String>,
    /// The value of the platform's tag.
    pub tag: String,
}

/// What was read of one region.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegionScan {
    /// The region.
    pub region: String,
    /// How many stacks were read, tagged or not.
    pub stacks: usize,
    /// Those with the platform's tag, nested ones left out.
    pub tagged: Vec<ScannedStack>,
    /// Why the region was not read to its end; `None` if it was.
    pub problem: Option<String>,
}

/// Scans regions side by side, every page of each. A region that cannot be read says so; the others go on.
pub async fn scan(
    regions: &[String],
    profile: Option<&str>,
    done: &(dyn Fn(&RegionScan) + Sync),
) -> Vec<RegionScan> {
    let mut running = JoinSet::new();
    let pace = Arc::new(Pace::default());
    for region in regions {
        let pace = Arc::clone(&pace);
        let target = AwsTarget { region: Some(region.clone()), profile: profile.map(str::to_owned) };
        running.spawn(region_scan(target, pace));
    }
    let mut scans = Vec::new();
    while let Some(scan) = running.join_next().await {
        let Ok(scan) = scan else { continue };
        done(&scan);
        scans.push(scan);
    }
    let read: Vec<String> = scans.iter().map(|scan| scan.region.clone()).collect();
    scans.extend(regions.iter().filter(|region| !read.contains(region)).map(|region| lost(region)));
    scans.sort_by(|one, other| one.region.cmp(&other.region));
    scans
}

/// A region whose scan did not come back at all.
fn lost(region: &str) -> RegionScan {
    let problem = Some("the scan ended early".to_owned());
    RegionScan { region: region.to_owned(), problem, ..RegionScan::default() }
}

async fn region_scan(target: AwsTarget, pace: Arc<Pace>) -> RegionScan {
    let client = Client::new(&target.load(RetryConfig::standard()).await);
    let mut scan = RegionScan { region: target.region.unwrap_or_default(), ..RegionScan::default() };
    let mut token = None;
    loop {
        match page(&client, &pace, token.take()).await {
            Ok(answer) => {
                token = answer.next_token.filter(|token| !token.is_empty());
                scan.take(answer.stacks.unwrap_or_default());
            }
            Err(problem) => scan.problem = Some(problem),
        }
        if token.is_none() || scan.problem.is_some() {
            return scan;
        }
    }
}

/// One page, asked for again while AWS throttles.
async fn page(client: &Client, pace: &Pace, token: Option<String>) -> Result<DescribeStacksOutput, String> {
    for _ in 1..ATTEMPTS {
        pace.turn().await;
        match client.describe_stacks().set_next_token(token.clone()).send().await {
            Err(error) if is_throttled(error.code()) => pace.slower(),
            answer => return answer.inspect(|_| pace.faster()).map_err(|error| aws::reason(&error)),
        }
    }
    Err(format!("still throttled after {} requests for one page", ATTEMPTS - 1))
}

/// The codes by which AWS services say that requests come too fast.
fn is_throttled(code: Option<&str>) -> bool {
    code.is_some_and(|code| code.starts_with("Throttl") || code == "RequestLimitExceeded")
}

impl RegionScan {
    fn take(&mut self, stacks: Vec<Stack>) {
        self.stacks += stacks.len();
        let region = &self.region;
        self.tagged.extend(stacks.into_iter().filter_map(|stack| tagged(stack, region)));
    }
}

/// A root stack with the platform's tag. Nested stacks inherit the tag of their parent and are no pipelines.
fn tagged(stack: Stack, region: &str) -> Option<ScannedStack> {
    if stack.parent_id().is_some_and(|parent| !parent.is_empty()) {
        return None;
    }
    let tag = value(stack.tags(), TAG)?.to_owned();
    let org = ORG_TAGS.iter().find_map(|key| value(stack.tags(), key)).map(str::to_owned);
    let status = stack.stack_status().map_or_else(String::new, |status| status.as_str().to_owned());
    Some(ScannedStack {
        name: stack.stack_name().unwrap_or_default().to_owned(),
        region: region.to_owned(),
        status,
        org,
        tag,
    })
}

fn value<'t>(tags: &'t [Tag], key: &str) -> Option<&'t str> {
    tags.iter().find(|tag| tag.key() == Some(key)).and_then(Tag::value)
}

/// The regions that are enabled in the account, as the operator's own AWS CLI lists them.
///
/// # Errors
/// One line on why they cannot be listed.
pub async fn enabled_regions(tools: &Tools, profile: Option<&str>) -> Result<Vec<String>, String> {
    let mut argv =
        vec!["aws", "ec2", "describe-regions", "--query", "Regions[].RegionName", "--output", "json"];
    argv.extend(profile.into_iter().flat_map(|profile| ["--profile", profile]));
    let answer = tools.ask_json(&argv).await?;
    let mut regions: Vec<String> =
        serde_json::from_value(answer).map_err(|_| "aws ec2 describe-regions printed no list".to_owned())?;
    regions.sort();
    Ok(regions)
}
