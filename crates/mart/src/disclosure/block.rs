//! A block: the cells that bind one another, what is published of each, and which groups must not be found out.

/// All values from `low` to `high`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

/// One cell, with respondents.
#[derive(Debug, Clone)]
pub struct Cell {
    /// Panel and level, for messages.
    pub name: String,
    pub respondents: u64,
    /// Respondents that count as yes; none for a mean.
    pub yes: Option<u64>,
    /// Sum of the weights in the base.
    pub weight: f64,
    /// The exact proportion or mean; none where there is none, e.g. a mean of groups of which one has nobody.
    pub value: Option<f64>,
    /// What the published base tells of the respondents, once it is shown.
    pub base: Interval,
    /// What the published figure tells of the value, once it is shown.
    pub figure: Interval,
    pub base_shown: bool,
    pub figure_shown: bool,
    /// What is known of the respondents though it is hidden: an earlier release told it.
    pub base_known: Option<Interval>,
    /// What is known of the value though it is hidden.
    pub figure_known: Option<Interval>,
    /// What is lost by hiding a shown cell; none where it cannot be hidden.
    pub cost: Option<f64>,
    /// A group that must not be found out.
    pub confidential: bool,
}

/// How a whole follows from its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Levels of a breakdown, or panels pooled: weighted by their weights.
    Sum,
    /// Mean of the panels, each counting the same.
    Mean,
    /// Only the respondents add up.
    Bases,
    /// Shares of the answers of the same respondents.
    Answers,
}

/// Cells that add up to another one.
#[derive(Debug, Clone)]
pub struct Equation {
    pub kind: Kind,
    pub whole: usize,
    pub parts: Vec<usize>,
    /// How far the values of the parts may seem to miss that of the whole: who has no known background is known rounded only,
    /// and so are the weights of the others.
    pub slack: Interval,
}

/// A published difference, `second - first`.
#[derive(Debug, Clone)]
pub struct Difference {
    pub first: usize,
    pub second: usize,
    pub told: Interval,
}

/// Cells that bind one another.
#[derive(Debug, Clone, Default)]
pub struct Block {
    pub name: String,
    pub cells: Vec<Cell>,
    pub equations: Vec<Equation>,
    pub differences: Vec<Difference>,
    /// Values that a cell can have: 0 to 1 for a proportion, the scale of a mean.
    pub scale: Option<Interval>,
}

/// A confidential group: one cell, or several that can be taken together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target(pub Vec<usize>);

/// Below these a group is confidential.
#[derive(Debug, Clone, Copy)]
pub struct Thresholds {
    pub base: u64,
    pub cell: u64,
}

impl Thresholds {
    /// Too few respondents, or a few that answered yes or no; exactly nobody or everybody is no small cell.
    pub fn is_confidential(self, respondents: u64, yes: Option<u64>) -> bool {
        let few = |count: u64| 0 < count && count < self.cell;
        0 < respondents
            && (respondents < self.base
                || yes.is_some_and(|yes| few(yes) || few(respondents.saturating_sub(yes))))
    }
}

/// Most hidden parts of a whole of which every union is looked at; above it all pairs and the union of all.
const EVERY_UNION: usize = 7;

impl Block {
    /// How many a group has.
    pub fn respondents(&self, target: &Target) -> u64 {
        target.0.iter().map(|&cell| self.cells[cell].respondents).sum()
    }

    /// Whether all cells of a group have a value.
    pub fn has_value(&self, target: &Target) -> bool {
        target.0.iter().all(|&cell| self.cells[cell].value.is_some())
    }

    /// Every confidential cell, and every confidential union of confidential cells of one whole.
    pub fn targets(&self, thresholds: Thresholds) -> Vec<Target> {
        let mut targets: Vec<Target> = (0..self.cells.len())
            .filter(|&cell| self.cells[cell].confidential)
            .map(|cell| Target(vec![cell]))
            .collect();
        for equation in &self.equations {
            let open: Vec<usize> = equation
                .parts
                .iter()
                .copied()
                .filter(|&part| self.cells[part].confidential)
                .collect();
            // All answers together are everybody, or the figure that counts them.
            let says_something = |union: &Vec<usize>| {
                equation.kind != Kind::Answers || union.len() < equation.parts.len()
            };
            for union in unions(&open).into_iter().filter(says_something) {
                let own = union.iter().map(|&cell| self.cells[cell].respondents);
                // Answers are of the same people.
                let respondents =
                    if equation.kind == Kind::Answers { own.max().unwrap_or(0) } else { own.sum() };
                let yes: Option<u64> = union.iter().map(|&cell| self.cells[cell].yes).sum();
                if thresholds.is_confidential(respondents, yes) {
                    targets.push(Target(union));
                }
            }
        }
        targets.sort();
        targets.dedup();
        targets
    }
}

/// Unions of two cells or more, each sorted.
fn unions(cells: &[usize]) -> Vec<Vec<usize>> {
    let mut cells = cells.to_vec();
    cells.sort_unstable();
    if cells.len() > EVERY_UNION {
        let pairs = cells.iter().enumerate().flat_map(|(at, &first)| {
            cells[at + 1..].iter().map(move |&second| vec![first, second])
        });
        return pairs.chain([cells.clone()]).collect();
    }
    let chosen = |mask: u32| -> Vec<usize> {
        let taken = cells.iter().enumerate().filter(|(place, _)| mask >> place & 1 == 1);
        taken.map(|(_, &cell)| cell).collect()
    };
    (0..1_u32 << cells.len()).map(chosen).filter(|union| union.len() > 1).collect()
}

impl Cell {
    /// All respondents of a question: a share of 1.
    pub fn whole() -> Self {
        Self {
            name: "everybody".to_owned(),
            respondents: 0,
            yes: None,
            weight: 1.0,
            value: Some(1.0),
            base: Interval::point(0.0),
            figure: Interval::point(1.0),
            base_shown: true,
            figure_shown: true,
            base_known: None,
            figure_known: None,
            cost: None,
            confidential: false,
        }
    }
}

impl Interval {
    pub fn point(value: f64) -> Self {
        Self { low: value, high: value }
    }

    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { low: self.low.max(other.low), high: self.high.min(other.high) }
    }

    pub fn holds(self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}
