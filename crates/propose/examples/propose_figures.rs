//! How often a proposal is right: every wave of a project proposed from its deliveries and the waves before it, held against its
//! codebook. `propose_figures pipelines/monitor.toml`, or `propose_figures --table FILE` of a CSV `wave,concept,column,question`.
#![expect(clippy::print_stdout, reason = "an example prints")]

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use config::{Configuration, DeliverySpec, PipelineFile};
use ingest::{Delivery, Key, KnownHeaders, Limits};
use propose::{Delivered, Earlier, Unit, matching, read, units};
use survey::Wave;
use survey::codebook::{Codebook, Comparability, Concept, Item, Kind, Role};

/// A unit is an item's where column, occurrence and answer are.
fn is_of(unit: &Unit, item: &Item) -> bool {
    (item.column == unit.header || item.aliases.contains(&unit.header))
        && item.occurrence == unit.occurrence
        && item.option == unit.option
}

#[derive(Default)]
struct Count {
    pairs: u32,
    hit_at_1: u32,
    hit_at_5: u32,
    renamed: u32,
    renamed_hit_at_1: u32,
    renamed_hit_at_5: u32,
    /// Units of items that seem new, and those of them that are.
    seem_new: u32,
    are_new: u32,
    new: u32,
    /// Proposed with a score above the bar, and right.
    above: u32,
    above_right: u32,
}

const BAR: f64 = 0.8;

impl Count {
    fn line(&self, name: &str) -> String {
        let share = |part: u32, whole: u32| {
            if whole == 0 {
                "-".to_owned()
            } else {
                format!("{:.3}", f64::from(part) / f64::from(whole))
            }
        };
        format!(
            "{name:<24}{:>6}{:>8}{:>8}{:>9}{:>8}{:>8}{:>6}{:>8}{:>8}{:>7}{:>8}",
            self.pairs,
            share(self.hit_at_1, self.pairs),
            share(self.hit_at_5, self.pairs),
            self.renamed,
            share(self.renamed_hit_at_1, self.renamed),
            share(self.renamed_hit_at_5, self.renamed),
            self.new,
            share(self.are_new, self.seem_new),
            share(self.are_new, self.new),
            self.above,
            share(self.above_right, self.above),
        )
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).peekable();
    if arguments.next_if(|word| word == "--table").is_some() {
        return of_table(&arguments.next().unwrap_or_default());
    }
    let file =
        PathBuf::from(arguments.next().unwrap_or_else(|| "pipelines/monitor.toml".to_owned()));
    let shows_misses = arguments.next().is_some_and(|word| word == "--misses");
    let all = |mistakes: Vec<config::Mistake>| {
        mistakes.iter().map(|mistake| mistake.render(false)).collect::<Vec<_>>().join("\n")
    };
    let folder = PipelineFile::config_folder(&file).map_err(all)?;
    let configuration = Configuration::load(&folder).map_err(all)?;
    let pipeline = PipelineFile::load(&file, &configuration).map_err(all)?;
    let replaced: BTreeSet<&String> =
        pipeline.deliveries.iter().filter_map(|delivery| delivery.replaces.as_ref()).collect();
    let used: Vec<&DeliverySpec> =
        pipeline.deliveries.iter().filter(|delivery| !replaced.contains(&delivery.name)).collect();
    let key = Key::new(b"a key that hides nothing, for figures")?;
    let mut read_as: Vec<(&DeliverySpec, Delivered)> = Vec::new();
    for spec in used {
        let items = configuration.codebook.items.iter();
        let of = items.filter(|item| item.wave == spec.wave && spec.panels.contains(&item.panel));
        let mut delivery = Delivery::new(spec.name.clone(), spec.file.clone());
        delivery.sheet.clone_from(&spec.sheet);
        delivery.headers = KnownHeaders::of(of.map(|item| item.column.as_str()));
        let profile = &configuration.exports[&spec.profile];
        read_as.push((spec, read(&delivery, profile, &key, &Limits::default())?));
    }
    println!(
        "{:<24}{:>6}{:>8}{:>8}{:>9}{:>8}{:>8}{:>6}{:>8}{:>8}{:>7}{:>8}",
        "",
        "pairs",
        "hit@1",
        "hit@5",
        "renamed",
        "hit@1",
        "hit@5",
        "new",
        "precis.",
        "recall",
        "≥ bar",
        "right"
    );
    for has_questionnaire in [false, true] {
        let mut by_wave: BTreeMap<Wave, Count> = BTreeMap::new();
        let mut sum = Count::default();
        let begun = Instant::now();
        for (spec, delivered) in &read_as {
            for panel in &spec.panels {
                let one = of_panel_wave(
                    &configuration.codebook,
                    &read_as,
                    spec,
                    delivered,
                    panel,
                    has_questionnaire,
                    shows_misses,
                );
                for count in [&mut sum, by_wave.entry(spec.wave).or_default()] {
                    count.pairs += one.pairs;
                    count.hit_at_1 += one.hit_at_1;
                    count.hit_at_5 += one.hit_at_5;
                    count.renamed += one.renamed;
                    count.renamed_hit_at_1 += one.renamed_hit_at_1;
                    count.renamed_hit_at_5 += one.renamed_hit_at_5;
                    count.seem_new += one.seem_new;
                    count.are_new += one.are_new;
                    count.new += one.new;
                    count.above += one.above;
                    count.above_right += one.above_right;
                }
            }
        }
        println!(
            "{}",
            if has_questionnaire { "with the questionnaire" } else { "from the delivery alone" }
        );
        for (wave, count) in by_wave.iter().filter(|(_, count)| count.pairs > 0) {
            println!("{}", count.line(&format!("  {wave}")));
        }
        println!("{}", sum.line("  all waves"));
        println!("  {:.2} s", begun.elapsed().as_secs_f64());
    }
    speed();
    Ok(())
}

fn of_panel_wave(
    codebook: &Codebook,
    read_as: &[(&DeliverySpec, Delivered)],
    spec: &DeliverySpec,
    delivered: &Delivered,
    panel: &str,
    has_questionnaire: bool,
    shows_misses: bool,
) -> Count {
    let truth: Vec<&Item> = codebook
        .items
        .iter()
        .filter(|item| item.panel == panel && item.wave == spec.wave)
        .collect();
    let mut before = codebook.clone();
    before.items.retain(|item| item.wave < spec.wave);
    let own = before.items.iter().filter(|item| item.panel == panel);
    let Some(latest) = own.map(|item| item.wave).max() else { return Count::default() };
    let mut earlier = Earlier::default();
    for (other, delivered) in read_as.iter().filter(|(other, _)| other.wave < spec.wave) {
        for panel in &other.panels {
            earlier.add(&before, panel, other.wave, delivered);
        }
    }
    let asked = truth.iter().filter(|_| has_questionnaire);
    let questions = asked.filter(|item| item.option.is_empty() && !item.question.is_empty());
    let questions = questions
        .map(|item| (likeness::normal(&item.column), item.question.plain().to_owned()))
        .collect();
    let units = units(delivered, &questions);
    let found = matching(&before, &earlier, panel, spec.wave, &spec.panels, &units);
    let known: BTreeSet<&str> = before.items.iter().map(|item| item.concept.as_str()).collect();
    let mut count = Count::default();
    for (unit, found) in units.iter().zip(&found.matches) {
        let of: Vec<&str> = truth
            .iter()
            .filter(|item| is_of(unit, item))
            .map(|item| item.concept.as_str())
            .collect();
        let proposed = found.item.map(|item| item.concept.as_str());
        if found.evidence.score >= BAR && proposed.is_some() {
            count.above += 1;
            let is_right = proposed.is_some_and(|concept| of.contains(&concept));
            count.above_right += u32::from(is_right);
            if shows_misses && !is_right {
                println!(
                    "  above the bar {panel} {} {} is {of:?}: {:?} {:.2?}",
                    spec.wave, unit.header, proposed, found.evidence
                );
            }
        }
        let is_new = !of.iter().any(|concept| known.contains(concept));
        if !of.is_empty() {
            count.new += u32::from(is_new);
            if proposed.is_none() && !unit.question.is_empty() {
                count.seem_new += 1;
                count.are_new += u32::from(is_new);
                if shows_misses && !is_new {
                    println!(
                        "  seems new {panel} {} {} is {of:?}: {:.2?}",
                        spec.wave, unit.header, found.ranking
                    );
                }
            }
        }
        for concept in &of {
            let before = before.items.iter().find(|item| {
                item.panel == panel && item.wave == latest && item.concept == **concept
            });
            let Some(before) = before else { continue };
            let is_renamed = before.column != unit.header;
            let at_1 = proposed == Some(concept);
            let at_5 = found.ranking.iter().any(|(name, _)| name == concept);
            count.pairs += 1;
            count.hit_at_1 += u32::from(at_1);
            count.hit_at_5 += u32::from(at_5);
            count.renamed += u32::from(is_renamed);
            count.renamed_hit_at_1 += u32::from(at_1 && is_renamed);
            count.renamed_hit_at_5 += u32::from(at_5 && is_renamed);
            if shows_misses && !at_1 {
                println!(
                    "  missed {panel} {} {} is {concept}: {:.2?} {:.2?}",
                    spec.wave, unit.header, found.ranking, found.evidence
                );
            }
        }
    }
    count
}

/// A questionnaire of several waves as a table: what each column asks by its question alone, against all waves before.
fn of_table(file: &str) -> Result<(), Box<dyn Error>> {
    let mut codebook = Codebook::default();
    for row in csv::Reader::from_path(file)?.records() {
        let row = row?;
        let (wave, concept, column, question) = (row[0].parse()?, &row[1], &row[2], &row[3]);
        if codebook.concept(concept).is_none() {
            codebook.concepts.push(concept_of(concept, ""));
        }
        codebook.items.push(item_of(concept, column, wave, question, codebook.items.len() as u32));
    }
    let waves: BTreeSet<Wave> = codebook.items.iter().map(|item| item.wave).collect();
    for wave in waves.into_iter().skip(1) {
        let mut before = codebook.clone();
        before.items.retain(|item| item.wave < wave);
        let known: BTreeSet<&str> = before.items.iter().map(|item| item.concept.as_str()).collect();
        let truth: Vec<&Item> = codebook.items.iter().filter(|item| item.wave == wave).collect();
        let columns = truth.iter().zip(0..).map(|(item, position)| propose::Column {
            position,
            header: item.column.clone(),
            occurrence: 1,
            question: item.question.plain().to_owned(),
            ..propose::Column::default()
        });
        let delivered =
            Delivered { columns: columns.collect(), option_separator: ';', ..Delivered::default() };
        let (units, earlier) = (units(&delivered, &BTreeMap::new()), Earlier::default());
        let found = matching(&before, &earlier, "panel", wave, &[], &units);
        let mut count = Count::default();
        for (item, found) in truth.iter().zip(&found.matches) {
            let proposed = found.item.map(|item| item.concept.as_str());
            let is_known = known.contains(item.concept.as_str());
            let at_1 = u32::from(proposed == Some(&item.concept));
            let at_5 = u32::from(found.ranking.iter().any(|(name, _)| *name == item.concept));
            count.new += u32::from(!is_known);
            count.seem_new += u32::from(proposed.is_none());
            count.are_new += u32::from(proposed.is_none() && !is_known);
            if is_known {
                count.pairs += 1;
                count.renamed += 1;
                count.hit_at_1 += at_1;
                count.hit_at_5 += at_5;
                count.renamed_hit_at_1 += at_1;
                count.renamed_hit_at_5 += at_5;
            }
            if found.evidence.score >= BAR && proposed.is_some() {
                count.above += 1;
                count.above_right += at_1;
            }
        }
        println!("{}", count.line(&format!("  {wave}")));
    }
    Ok(())
}

/// 300 columns against 300 concepts with questions of their own.
fn speed() {
    let (codebook, delivered) = generated(300);
    let earlier = Earlier::default();
    let begun = Instant::now();
    let units = units(&delivered, &BTreeMap::new());
    let found = matching(&codebook, &earlier, "panel", 2, &[], &units);
    let right = units.iter().zip(&found.matches).filter(|(unit, found)| {
        found
            .item
            .is_some_and(|item| item.column.strip_prefix('a') == unit.header.strip_prefix('b'))
    });
    let (right, seconds) = (right.count(), begun.elapsed().as_secs_f64());
    println!("300 columns × 300 concepts: {seconds:.2} s, {right} right");
}

fn generated(size: usize) -> (Codebook, Delivered) {
    const WORDS: [&str; 20] = [
        "health", "work", "school", "income", "travel", "sleep", "sport", "family", "energy",
        "water", "garden", "music", "doctor", "phone", "market", "winter", "street", "letter",
        "summer", "animal",
    ];
    let asked = |of: usize| {
        let (one, other) = (WORDS[of % 20], WORDS[of / 20 % 20]);
        format!(
            "How often in the last {} months did you think about {one} or {other}?",
            of % 11 + 2
        )
    };
    let mut codebook = Codebook::default();
    let mut delivered = Delivered { option_separator: ';', ..Delivered::default() };
    for of in 0..size {
        let concept = format!("c{of}");
        codebook.concepts.push(concept_of(&concept, &asked(of)));
        codebook.items.push(item_of(&concept, &format!("a{of}"), 1, &asked(of), of as u32));
        let mut values = propose::Values::default();
        (0..100).for_each(|value| values.add(&(value % 7).to_string()));
        delivered.columns.push(propose::Column {
            position: of as u32,
            header: format!("b{of}"),
            occurrence: 1,
            question: asked(of).replace("did you think", "have you thought"),
            is_id: false,
            values,
        });
    }
    (codebook, delivered)
}

fn concept_of(concept: &str, label: &str) -> Concept {
    Concept {
        concept: concept.to_owned(),
        theme: String::new(),
        kind: Kind::Number,
        role: Role::Answer,
        answers: String::new(),
        unit: String::new(),
        label: survey::Labels::same(label),
        base_includes: BTreeSet::new(),
        derivation: String::new(),
        line: survey::Line(0),
    }
}

fn item_of(concept: &str, column: &str, wave: Wave, question: &str, line: u32) -> Item {
    Item {
        panel: "panel".to_owned(),
        wave,
        concept: concept.to_owned(),
        column: column.to_owned(),
        aliases: Vec::new(),
        occurrence: 1,
        option: String::new(),
        crosswalk: String::new(),
        minimum: None,
        maximum: None,
        routed_by: String::new(),
        routed_codes: Vec::new(),
        comparability: Comparability::Identical,
        question: survey::Labels::same(question),
        note: String::new(),
        line: survey::Line(line),
    }
}
