//! A list of like findings that stays short: the first ones singly, the rest as one with a count.

use survey::Finding;

/// Single findings per code and column; what comes after is summed.
const SHOWN: usize = 20;

#[derive(Debug, Default)]
pub(crate) struct Capped {
    shown: Vec<Finding>,
    further: u64,
}

impl Capped {
    pub fn add(&mut self, finding: impl FnOnce() -> Finding) {
        if self.shown.len() < SHOWN {
            self.shown.push(finding());
        } else {
            self.further += 1;
        }
    }

    pub fn first(&self, count: usize) -> Vec<Finding> {
        self.shown.iter().take(count).cloned().collect()
    }

    pub fn finish(self, findings: &mut Vec<Finding>) {
        let rest = self.shown.first().filter(|_| self.further > 0).map(|first| Finding {
            cell: None,
            record: None,
            line: None,
            found: format!("{} more like the {SHOWN} shown singly", self.further),
            count: self.further,
            ..first.clone()
        });
        findings.extend(self.shown);
        findings.extend(rest);
    }
}
