//! Names of stacks and clusters.

/// The longest stack name (CloudFormation `CreateStack`).
const MAX_STACK: usize = 128;
/// The longest cluster name (EKS `CreateCluster`).
const MAX_CLUSTER: usize = 100;

/// Takes a CloudFormation stack name.
pub(super) fn check_stack(raw: &str) -> Result<String, String> {
    let starts = raw.starts_with(|c: char| c.is_ascii_alphabetic());
    check(raw, starts, MAX_STACK, "a stack name starts with a letter and holds letters, digits and hyphens")
}

/// Takes a cluster name. EKS also allows underscores, but eksctl makes stacks named after the cluster, which do not.
pub(super) fn check_cluster(raw: &str) -> Result<String, String> {
    let starts = raw.starts_with(|c: char| c.is_ascii_alphanumeric());
    check(raw, starts, MAX_CLUSTER, "a cluster name holds letters, digits and hyphens")
}

fn check(raw: &str, starts: bool, max: usize, accepted: &str) -> Result<String, String> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    if raw.len() > max {
        return Err(format!("{accepted}, at most {max}"));
    }
    if starts && raw.bytes().all(allowed) {
        return Ok(raw.to_owned());
    }
    let better: String = raw.trim().chars().map(|c| if "_. ".contains(c) { '-' } else { c }).collect();
    let good = better.starts_with(|c: char| c.is_ascii_alphabetic()) && better.bytes().all(allowed);
    Err(match good {
        true => format!("{accepted}; did you mean {better}?"),
        false => accepted.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::{check_cluster, check_stack};

    #[test]
    fn names_of_stacks_and_clusters_are_taken() {
        assert_eq!(check_stack("pipeline-builder"), Ok("pipeline-builder".to_owned()));
        assert_eq!(check_cluster("2nd-cluster"), Ok("2nd-cluster".to_owned()));
    }

    #[test]
    fn other_separators_are_answered_with_hyphens() {
        assert!(check_stack("my_stack.v2").unwrap_err().ends_with("did you mean my-stack-v2?"));
        assert!(check_cluster("team blue").unwrap_err().ends_with("did you mean team-blue?"));
    }

    #[test]
    fn names_that_a_service_would_refuse_are_refused() {
        for raw in ["", "-a", "1st", "a$(id)", "a/b", &"a".repeat(129)] {
            assert!(check_stack(raw).is_err(), "{raw}");
        }
        assert!(check_cluster(&"a".repeat(101)).is_err() && check_cluster("--yes").is_err());
    }
}
