//! Reads journals back: the records of a run, whether their chain holds, and what it says about each step.

use std::collections::BTreeSet;
use std::path::Path;

use provision_planner::plan::Plan;

use super::{Record, RecordKind};
use crate::alive;
use crate::error::ExecutorError;
use crate::hashes;

/// Whether a journal is as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chain {
    /// Every record follows from the one before.
    Intact,
    /// The last line was not written whole: the machine or the process ended while it was.
    Torn,
    /// A line was changed, removed or inserted.
    Broken {
        /// The first line that does not follow from the one before, from 1.
        line: usize,
    },
}

/// The journal of one run, read back.
#[derive(Debug, Clone)]
pub struct RunLog {
    /// The run's id.
    pub id: String,
    /// Its records up to where the chain breaks.
    pub records: Vec<Record>,
    /// Whether it is as it was written.
    pub chain: Chain,
}

impl RunLog {
    /// Reads one journal by the run's id.
    ///
    /// # Errors
    /// [`ExecutorError::File`] if there is none or it cannot be read.
    pub fn read(folder: &Path, id: &str) -> Result<Self, ExecutorError> {
        let path = folder.join(format!("{id}.jsonl"));
        let bytes = std::fs::read(&path).map_err(ExecutorError::file("read", &path))?;
        Ok(Self::parse(id, &String::from_utf8_lossy(&bytes)))
    }

    /// The journals of a folder, newest first; none if there is no such folder. Those that cannot be read are left out.
    ///
    /// # Errors
    /// [`ExecutorError::File`] if the folder cannot be read.
    pub fn all(folder: &Path) -> Result<Vec<Self>, ExecutorError> {
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(ExecutorError::file("read", folder)(error)),
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut ids: Vec<String> =
            names.filter_map(|name| Some(name.strip_suffix(".jsonl")?.to_owned())).collect();
        ids.sort_unstable_by(|a, b| b.cmp(a));
        Ok(ids.iter().filter_map(|id| Self::read(folder, id).ok()).collect())
    }

    fn parse(id: &str, text: &str) -> Self {
        let mut log = Self { id: id.to_owned(), records: Vec::new(), chain: Chain::Intact };
        let mut prev = String::new();
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        for (at, line) in lines.iter().enumerate() {
            let whole = line.strip_suffix('\n');
            let record: Option<Record> = whole.and_then(|line| serde_json::from_str(line).ok());
            match record.filter(|record| record.prev == prev && record.seq == at as u64) {
                Some(record) => log.records.push(record),
                None => {
                    let torn = at + 1 == lines.len() && whole.is_none();
                    log.chain = if torn { Chain::Torn } else { Chain::Broken { line: at + 1 } };
                    return log;
                }
            }
            prev = hashes::hex(line.trim_end_matches('\n').as_bytes());
        }
        log
    }

    /// A value of the first record, which tells what the run is about.
    pub fn start(&self, name: &str) -> Option<&str> {
        self.records.first()?.data.get(name)?.as_str()
    }

    /// The run that this one resumed.
    pub fn resumes(&self) -> Option<&str> {
        self.start("resumes")
    }

    /// How the run ended, by the outcome's short name; `None` if it did not come to its end.
    pub fn outcome(&self) -> Option<&str> {
        let end = self.records.iter().rev().find(|r| r.record == RecordKind::Note && r.step == "end")?;
        end.data.get("outcome")?.as_str()
    }

    /// Whether the process of this run is still there.
    pub fn is_alive(&self) -> bool {
        let pid = self.records.first().and_then(|record| record.data.get("pid")?.as_u64());
        let born = self.start("born");
        self.outcome().is_none() && pid.is_some_and(|pid| alive::is_same(pid, born))
    }

    /// The process of this run.
    pub fn pid(&self) -> Option<u64> {
        self.records.first()?.data.get("pid")?.as_u64()
    }

    /// The plan that ran last: the one it began with, or the one that a fix made of it.
    pub fn plan(&self) -> Option<Plan> {
        let last = self.records.iter().rev().find_map(|record| record.data.get("plan"))?;
        serde_json::from_value(last.clone()).ok()
    }

    /// The steps that were brought to a good end, by this run or the one it resumed.
    pub fn done(&self) -> BTreeSet<String> {
        let ended = self.records.iter().filter(|record| {
            let name = record.data.get("outcome").and_then(|outcome| outcome.as_str());
            record.record == RecordKind::Outcome && name == Some("done")
        });
        let here = ended.map(|record| record.step.clone());
        let before = self.records.first().and_then(|record| record.data.get("done")?.as_array());
        let before = before.into_iter().flatten().filter_map(|id| id.as_str().map(str::to_owned));
        here.chain(before).collect()
    }

    /// The step whose command was started, or about to be, and of whose end nothing is known.
    pub fn unfinished(&self) -> Option<&str> {
        let is_command = |record: &&Record| record.data.get("command").is_some();
        let last = self.records.iter().rev().find(is_command)?;
        (last.record == RecordKind::Intent).then_some(last.step.as_str())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Journal;
    use super::*;
    use crate::mask::Masker;

    fn written() -> (tempfile::TempDir, String) {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = Journal::create(dir.path(), "one").unwrap();
        for (kind, data) in [
            (RecordKind::Note, json!({ "action": "deploy" })),
            (RecordKind::Intent, json!({ "command": 0 })),
            (RecordKind::Outcome, json!({ "command": 0, "exit": "exit code 0" })),
            (RecordKind::Outcome, json!({ "outcome": "done" })),
        ] {
            journal.write(kind, "deploy", data, &Masker::default()).unwrap();
        }
        let text = std::fs::read_to_string(dir.path().join("one.jsonl")).unwrap();
        (dir, text)
    }

    #[test]
    fn a_journal_as_it_was_written_is_intact() {
        let (dir, _) = written();
        let log = RunLog::read(dir.path(), "one").unwrap();
        assert_eq!((log.chain, log.records.len()), (Chain::Intact, 4));
        assert_eq!((log.done().len(), log.unfinished()), (1, None));
    }

    #[test]
    fn a_changed_removed_or_inserted_line_breaks_the_chain_where_it_stands() {
        let (_dir, text) = written();
        let lines: Vec<&str> = text.lines().collect();
        let joined = |lines: &[&str]| lines.join("\n") + "\n";
        let chain = |text: &str| RunLog::parse("one", text).chain;
        assert_eq!(chain(&text.replacen("\"command\":0", "\"command\":1", 1)), Chain::Broken { line: 3 });
        assert_eq!(chain(&joined(&[lines[0], lines[2], lines[3]])), Chain::Broken { line: 2 });
        assert_eq!(chain(&joined(&[lines[0], lines[0], lines[1]])), Chain::Broken { line: 2 });
        assert_eq!(chain("not json\n"), Chain::Broken { line: 1 });
    }

    #[test]
    fn cut_off_anywhere_it_is_read_up_to_the_last_whole_record() {
        let (_dir, text) = written();
        for end in 0..text.len() {
            let log = RunLog::parse("one", &text[..end]);
            let whole = text[..end].matches('\n').count();
            let expected = if end == 0 || text[..end].ends_with('\n') { Chain::Intact } else { Chain::Torn };
            assert_eq!((log.records.len(), log.chain), (whole, expected), "cut at {end}");
        }
        let intent_only: String = text.split_inclusive('\n').take(2).collect();
        assert_eq!(RunLog::parse("one", &intent_only).unfinished(), Some("deploy"));
    }
}
