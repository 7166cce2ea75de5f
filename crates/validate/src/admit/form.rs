//! How one delivered column writes numbers and dates: decided over all its rows, never by a single cell.

use arrow::array::{Array, Int8Array, StringArray};
use survey::codebook::Kind;
use survey::date::DateOrder;
use survey::date::WrittenDate;
use survey::handoff::RawAbout;
use survey::{Class, Code, Severity};

use super::meaning::Wrong;
use super::number::{Shown, Sign, exact, read, shown};

/// What is said of a column whose form is not the declared one, or not one form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Remark {
    pub code: Code,
    pub severity: Severity,
    pub found: String,
    pub expected: String,
    pub action: &'static str,
    pub hint: &'static str,
    pub cells: u64,
}

/// The forms of a column's numbers and dates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Form {
    pub numbers: Numbers,
    pub dates: Dates,
}

/// Numbers in text: what the profile declares, and how many cells show what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Numbers {
    declared: Sign,
    /// Whether thousands may have a sign between them.
    thousands: bool,
    point: Seen,
    comma: Seen,
}

/// Cells in which a sign can only be the decimal sign, and those in which it may stand between thousands too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Seen {
    decimal: u64,
    either: u64,
}

/// Dates in text: the declared orders, and how many cells show what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dates {
    /// Orders that do not begin with the year.
    declared: Vec<DateOrder>,
    day_first: u64,
    month_first: u64,
    either: u64,
}

impl Form {
    /// As the profile declares it, where nothing is known of the column.
    pub fn declared(about: &RawAbout) -> Self {
        let declared = if about.decimal_comma { Sign::Comma } else { Sign::Point };
        let orders = about.date_orders.iter().copied().filter(|order| *order != DateOrder::Ymd);
        Self {
            numbers: Numbers {
                declared,
                thousands: about.thousands,
                point: Seen::default(),
                comma: Seen::default(),
            },
            dates: Dates { declared: orders.collect(), day_first: 0, month_first: 0, either: 0 },
        }
    }

    /// With what all the column's rows show, of whichever panel.
    pub fn of(kind: Kind, texts: &StringArray, classes: &Int8Array, about: &RawAbout) -> Self {
        let mut form = Self::declared(about);
        // The number cells of a workbook have no form: only its texts have.
        let is_text = |class: i8| match Class::from_code(class) {
            Some(Class::Text) => true,
            Some(Class::Number | Class::Date) => about.container == "csv",
            _ => false,
        };
        let has_signs = |signs: &[u8]| texts.value_data().iter().any(|byte| signs.contains(byte));
        let cells = || {
            let rows = (0..texts.len()).filter(|row| is_text(classes.value(*row)));
            rows.filter(|row| texts.is_valid(*row)).map(|row| texts.value(row).trim())
        };
        match kind {
            Kind::Number if has_signs(b".,") => cells().for_each(|text| form.numbers.add(text)),
            Kind::Date if !form.dates.declared.is_empty() => {
                cells().for_each(|text| form.dates.add(text));
            }
            _ => {}
        }
        form
    }

    pub fn remarks(&self) -> Vec<Remark> {
        self.numbers.remark().into_iter().chain(self.dates.remark()).collect()
    }
}

impl Numbers {
    fn add(&mut self, text: &str) {
        match shown(text) {
            Some(Shown::Decimal(sign)) => self.seen_mut(sign).decimal += 1,
            Some(Shown::Either(sign)) => self.seen_mut(sign).either += 1,
            Some(Shown::Neither) | None => {}
        }
    }

    pub fn read(&self, text: &str) -> Result<f64, Wrong> {
        let number = match shown(text) {
            None => None,
            Some(Shown::Neither) => exact(text),
            Some(Shown::Decimal(sign)) => read(text, sign, self.thousands),
            Some(Shown::Either(sign)) => {
                let decimal = self.decimal_sign(sign).ok_or(Wrong::AmbiguousNumber)?;
                read(text, decimal, true)
            }
        };
        number.ok_or(Wrong::NotANumber)
    }

    /// The decimal sign of a cell in which `sign` may be that or stand between thousands; none where nobody can tell.
    fn decimal_sign(&self, sign: Sign) -> Option<Sign> {
        let other = sign.other();
        let shows = |sign| self.seen(sign).decimal > 0;
        match (shows(sign), shows(other)) {
            _ if self.is_two_forms() => None,
            (true, _) => Some(sign),
            (false, true) => Some(other).filter(|_| self.thousands && self.declared == other),
            (false, false) if self.declared == sign => Some(sign),
            (false, false) => Some(other).filter(|_| self.thousands),
        }
    }

    /// Cells contradict each other, or have both signs and no cell tells which is which.
    fn is_two_forms(&self) -> bool {
        let (point, comma) = (self.point, self.comma);
        let no_proof = point.decimal + comma.decimal == 0;
        point.decimal > 0 && comma.decimal > 0 || no_proof && point.either > 0 && comma.either > 0
    }

    fn remark(&self) -> Option<Remark> {
        let (own, other) = (self.seen(self.declared), self.seen(self.declared.other()));
        let either = own.either + other.either;
        let remark = |code, severity, found, expected, action, hint, cells| {
            Some(Remark { code, severity, found, expected, action, hint, cells })
        };
        if self.is_two_forms() {
            let found = format!(
                "{} numbers that show a decimal point, {} that show a decimal comma, {either} that may be read either way",
                self.point.decimal, self.comma.decimal
            );
            return remark(
                Code::TwoNumberForms,
                Severity::Error,
                found,
                format!("a {} in all of the column", self.declared.name()),
                "numbers with one reading are read; those that may be read either way are set to missing",
                "ask the producer for the column in one form",
                own.decimal + other.decimal + either,
            );
        }
        if other.decimal > 0 {
            return remark(
                Code::NumberFormNotDeclared,
                Severity::Warning,
                format!("{} numbers that show a {}", other.decimal, self.declared.other().name()),
                format!("a {}, as the export profile declares", self.declared.name()),
                "the whole column is read as its numbers show",
                "give the delivery a profile with this decimal sign (`decimal_comma`)",
                other.decimal + other.either,
            );
        }
        (self.thousands && own.decimal == 0 && other.either > 0).then(|| Remark {
            code: Code::ThousandsAsDeclared,
            severity: Severity::Info,
            found: format!("{} numbers with three digits behind their only sign", other.either),
            expected: format!("numbers that show the {}", self.declared.name()),
            action: "read as thousands, as the export profile declares; nothing in the column shows it",
            hint: "give the item a maximum: decimals that were read as thousands are beyond it",
            cells: other.either,
        })
    }

    fn seen(&self, sign: Sign) -> Seen {
        match sign {
            Sign::Point => self.point,
            Sign::Comma => self.comma,
        }
    }

    fn seen_mut(&mut self, sign: Sign) -> &mut Seen {
        match sign {
            Sign::Point => &mut self.point,
            Sign::Comma => &mut self.comma,
        }
    }
}

impl Dates {
    fn add(&mut self, text: &str) {
        let Some(written) = WrittenDate::of(text).filter(|written| !written.is_year_first()) else {
            return;
        };
        match (written.iso(DateOrder::Dmy), written.iso(DateOrder::Mdy)) {
            (Some(one), Some(other)) if one != other => self.either += 1,
            (Some(_), None) => self.day_first += 1,
            (None, Some(_)) => self.month_first += 1,
            _ => {}
        }
    }

    /// `yyyy-mm-dd` with or without a time, as ISO text without parts of a second.
    pub fn read(&self, text: &str) -> Result<String, Wrong> {
        let written = WrittenDate::of(text).ok_or(Wrong::NotADate)?;
        let iso = if written.is_year_first() {
            written.iso(DateOrder::Ymd)
        } else if self.declared.is_empty() {
            None
        } else {
            match (written.iso(DateOrder::Dmy), written.iso(DateOrder::Mdy)) {
                (Some(one), Some(other)) if one != other => match self.order() {
                    Some(DateOrder::Mdy) => Some(other),
                    Some(_) => Some(one),
                    None => return Err(Wrong::AmbiguousDate),
                },
                (one, other) => one.or(other),
            }
        };
        let iso = iso.ok_or(Wrong::NotADate)?;
        Ok(iso.split_once('.').map_or(iso.as_str(), |(second, _)| second).to_owned())
    }

    /// The order of a date in which both orders make a day; none where nobody can tell.
    fn order(&self) -> Option<DateOrder> {
        match (self.day_first > 0, self.month_first > 0) {
            (true, true) => None,
            (true, false) => Some(DateOrder::Dmy),
            (false, true) => Some(DateOrder::Mdy),
            (false, false) => match self.declared.as_slice() {
                [only] => Some(*only),
                _ => None,
            },
        }
    }

    fn remark(&self) -> Option<Remark> {
        let all = self.day_first + self.month_first + self.either;
        if self.either > 0 && self.order().is_none() || self.day_first.min(self.month_first) > 0 {
            return Some(Remark {
                code: Code::TwoDateOrders,
                severity: Severity::Error,
                found: format!(
                    "{} dates that show the day first, {} the month first, {} that may be read either way",
                    self.day_first, self.month_first, self.either
                ),
                expected: "one order of day, month and year in all of the column".to_owned(),
                action: "dates with one reading are read; those that may be read either way are set to missing",
                hint: "ask the producer for dates as yyyy-mm-dd, or declare one order (`date_orders`)",
                cells: all,
            });
        }
        let order = self.order().filter(|order| all > 0 && !self.declared.contains(order))?;
        Some(Remark {
            code: Code::DateOrderNotDeclared,
            severity: Severity::Warning,
            found: format!(
                "dates with the {} first",
                if order == DateOrder::Mdy { "month" } else { "day" }
            ),
            expected: "the order that the export profile declares".to_owned(),
            action: "the whole column is read as its dates show",
            hint: "declare the order in the export profile (`date_orders`)",
            cells: all,
        })
    }
}
