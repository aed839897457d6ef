//! The platform's own health and readiness, each asked once.

use provision_planner::plan::{HealthProbe, Plan};

use super::finding::{Finding, Reading, State};
use crate::event::Silent;
use crate::health::{ProbeResult, Prober};
use crate::interrupt::Interrupt;

/// Looks at the platform's address; nothing for a target without one.
pub(super) async fn look(plan: &Plan) -> Option<Finding> {
    if !plan.target.as_ref().is_some_and(|target| has_address(plan, &target.id)) {
        return None;
    }
    let reading = match &plan.health {
        Some(probe) => of(probe, asked(probe).await, is_private(plan)),
        None => Reading::unseen("--domain is not given, so the address is not known"),
    };
    Some(reading.into_finding("health", "Health"))
}

/// Whether the target has an address at all, known or not.
fn has_address(plan: &Plan, target: &str) -> bool {
    plan.health.is_some() || matches!(target, "ec2" | "eks")
}

/// Whether the address can be reached from inside the VPC only.
fn is_private(plan: &Plan) -> bool {
    let mode = plan.inputs.iter().find(|input| input.name == "deploy_mode");
    mode.is_some_and(|mode| mode.value.as_str() == Some("private"))
}

/// Health, and once that is up, readiness.
async fn asked(probe: &HealthProbe) -> Result<(ProbeResult, Option<ProbeResult>), String> {
    let interrupt = Interrupt::new();
    let prober = Prober::new(probe, &interrupt, &Silent, &|| false).map_err(|error| error.to_string())?;
    Ok(prober.both_once().await)
}

fn of(
    probe: &HealthProbe,
    asked: Result<(ProbeResult, Option<ProbeResult>), String>,
    private: bool,
) -> Reading {
    let url = &probe.url;
    match asked {
        Err(reason) => Reading::unseen(reason),
        Ok((ProbeResult::Up { .. }, Some(ProbeResult::Up { .. }))) => {
            Reading::new(State::Well, format!("{url} is healthy and ready"))
        }
        Ok((ProbeResult::Up { .. }, ready)) => {
            let why = ready.map_or_else(|| "no answer".to_owned(), |ready| ready.to_string());
            Reading::new(State::Wrong, format!("{url} is up but not ready: {why}"))
        }
        Ok((ProbeResult::Answer { status, body }, _)) => {
            let answer = ProbeResult::Answer { status, body };
            Reading::new(State::Wrong, format!("{}: {answer}", probe.health_url))
        }
        Ok((answer, _)) if private => Reading::unseen(format!(
            "{url} is private: it can be reached from inside the VPC, a peered network or a VPN only ({answer})"
        )),
        Ok((answer, _)) => {
            Reading::new(State::Wrong, format!("{} does not answer: {answer}", probe.health_url))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe() -> HealthProbe {
        HealthProbe {
            url: "https://ci.example.com".to_owned(),
            health_url: "https://ci.example.com/health".to_owned(),
            ready_url: "https://ci.example.com/ready".to_owned(),
            timeout_seconds: 1,
            poll_seconds: 1,
            ready_grace_seconds: 1,
            accept_self_signed: false,
            revive: None,
        }
    }

    #[test]
    fn a_private_address_that_does_not_answer_here_is_not_called_down() {
        let silent = || Ok((ProbeResult::Unreachable { reason: "no such host".to_owned() }, None));
        assert_eq!(of(&probe(), silent(), true).state, State::Unseen);
        assert_eq!(of(&probe(), silent(), false).state, State::Wrong);
    }

    #[test]
    fn up_but_not_ready_is_wrong() {
        let answer = ProbeResult::Answer { status: 503, body: "starting".to_owned() };
        let reading = of(&probe(), Ok((ProbeResult::Up { status: 200 }, Some(answer))), false);
        assert_eq!(reading.summary, "https://ci.example.com is up but not ready: HTTP 503: starting");
        assert_eq!(reading.state, State::Wrong);
    }
}
