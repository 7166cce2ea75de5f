//! What an audit found.

use std::fmt;

use serde::Serialize;

/// What the attacker finds out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A confidential group is shown as it is.
    Shown,
    /// A figure of a withheld cell stands in a public table.
    Leaked,
    /// A public table has a column that may not be public.
    UnprotectedColumn,
    /// A public figure has more digits than are published.
    NotRounded,
    /// The figures that are told contradict each other, so that nothing can be said.
    Contradiction,
    /// How many respondents a confidential group has.
    Respondents,
    /// How many of a confidential group say yes, or the sum of their scores.
    Answers,
    /// That nobody of a confidential group says yes.
    Nobody,
    /// That everybody of a confidential group says yes.
    Everybody,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    pub kind: Kind,
    /// Release against which it was found; none for one by itself.
    pub against: Option<String>,
    /// Table and column, or cell.
    pub place: String,
    /// The arithmetic that finds it.
    pub arithmetic: String,
}

/// Everything that an audit found, and what it looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    pub release: String,
    pub against: Vec<String>,
    /// Confidential groups that were attacked.
    pub groups: u64,
    pub withheld: u64,
    pub asked: u64,
    pub findings: Vec<Finding>,
}

impl Kind {
    pub fn text(self) -> &'static str {
        match self {
            Self::Shown => "a confidential group is shown",
            Self::Leaked => "a withheld figure is public",
            Self::UnprotectedColumn => "an unprotected column is public",
            Self::NotRounded => "a figure is not rounded",
            Self::Contradiction => {
                "what is told contradicts itself, so that the group counts as found out"
            }
            Self::Respondents => "the respondents of a confidential group follow",
            Self::Answers => "the answers of a confidential group follow",
            Self::Nobody => "it follows that nobody of a confidential group says yes",
            Self::Everybody => "it follows that everybody of a confidential group says yes",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.place, self.kind.text())?;
        if let Some(release) = &self.against {
            write!(formatter, " (with release {release})")?;
        }
        write!(formatter, "\n    {}", self.arithmetic)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(formatter, "{finding}")?;
        }
        let share = 100.0 * self.withheld as f64 / self.asked.max(1) as f64;
        write!(
            formatter,
            "release {}: {} confidential groups attacked, {} found out; {} of {} cells withheld ({share:.1} %)",
            self.release,
            self.groups,
            self.findings.len(),
            self.withheld,
            self.asked
        )
    }
}
