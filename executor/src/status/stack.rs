//! The target's CloudFormation stacks, through the API.

use provision_planner::plan::Plan;

use super::finding::{Finding, Item, Reading, State};
use crate::stacks::{self, StackState};

/// Looks at the stacks of a plan; nothing for a target without stacks.
pub(super) async fn look(plan: &Plan) -> Option<Finding> {
    let source = plan.evidence.as_ref().filter(|source| !source.stacks.is_empty())?;
    let reading = match stacks::states(source).await {
        Ok(states) => of(&states, &source.stacks, source.region.as_deref()),
        Err(reason) => Reading::unseen(reason),
    };
    Some(reading.into_finding("stacks", "Stacks"))
}

fn of(states: &[StackState], wanted: &[String], region: Option<&str>) -> Reading {
    if states.is_empty() {
        let place = region.map_or_else(String::new, |region| format!(" in {region}"));
        return Reading::new(State::Wrong, format!("there is no stack {}{place}", wanted.join(" or ")));
    }
    let failed = states.iter().find(|state| standing(state) == State::Wrong);
    let next = failed.map(|state| format!("provision --diagnose stack:{}", state.name));
    let reading = match states {
        [one] => Reading::new(standing(one), one.to_string()),
        several => {
            let well = several.iter().filter(|state| standing(state) == State::Well).count();
            let items = several.iter().filter(|state| standing(state) != State::Well).map(item).collect();
            Reading::new(State::Well, format!("{well} of {} complete", several.len())).with_items(items)
        }
    };
    next.into_iter().fold(reading, Reading::with_next)
}

fn item(state: &StackState) -> Item {
    Item::new(&state.name, standing(state), &state.status)
}

fn standing(state: &StackState) -> State {
    match state.status.as_str() {
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "IMPORT_COMPLETE" => State::Well,
        // A failed update that was rolled back: what ran before runs on.
        "UPDATE_ROLLBACK_COMPLETE" | "IMPORT_ROLLBACK_COMPLETE" | "REVIEW_IN_PROGRESS" => State::Attention,
        _ if state.is_in_motion() => State::Attention,
        _ => State::Wrong,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(name: &str, status: &str) -> StackState {
        StackState { name: name.to_owned(), status: status.to_owned() }
    }

    #[test]
    fn the_worst_stack_decides_and_is_diagnosed_by_name() {
        let both = [stack("a", "CREATE_COMPLETE"), stack("b", "ROLLBACK_COMPLETE")];
        let reading = of(&both, &[], None);
        assert_eq!((reading.state, reading.summary.as_str()), (State::Wrong, "1 of 2 complete"));
        assert_eq!(reading.next, ["provision --diagnose stack:b"]);
        assert_eq!(of(&both[..1], &[], None).state, State::Well);
        assert_eq!(of(&[stack("a", "UPDATE_IN_PROGRESS")], &[], None).state, State::Attention);
    }

    #[test]
    fn no_stack_at_all_is_said_with_what_was_looked_for() {
        let reading = of(&[], &["eksctl-demo-*".to_owned()], Some("eu-west-1"));
        assert_eq!(reading.summary, "there is no stack eksctl-demo-* in eu-west-1");
        assert_eq!(reading.state, State::Wrong);
    }
}
