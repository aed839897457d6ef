//! Prints the goal read from the last argument as JSON: `parse_goal parse --json -- TEXT`.
#![allow(clippy::print_stdout, reason = "an example for the terminal")]

fn main() -> Result<(), serde_json::Error> {
    let text = std::env::args().next_back().unwrap_or_default();
    let goal = provision_planner::goal::parse(&text);
    println!("{}", serde_json::to_string(&serde_json::json!({ "goal": goal }))?);
    Ok(())
}
