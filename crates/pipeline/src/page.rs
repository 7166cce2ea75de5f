//! The page: the whole run, top to bottom, in the order in which the data flows.

use std::collections::{BTreeMap, BTreeSet};

use store::kept::{Columns, Kept, Rows, WithBefore};
use store::{Rerun, Stage, Step, Store};
use survey::handoff::{EstimatesAbout, RawAbout};
use survey::{PanelWave, Wave};

use crate::delivery_file::DeliveryFile;
use crate::error::Error;
use crate::figures;
use crate::handoffs::Handoffs;
use crate::outcome::{Mode, Outside};
use crate::project::Project;
use crate::publish::{Everything, publish};
use crate::reading::{limits_in_force, lowered_limits, note_limits};
use crate::run::{Apart, Run};
use crate::select::Grid;
use crate::side_by_side::SideBySide;
use crate::switch::switch;

/// Walks over all deliveries, panel-waves and panels, and publishes what came of it.
pub fn walk(project: &Project, run: &Run<'_>, keep_going: bool) -> Result<(), Error> {
    let all = handoffs(project, run, keep_going)?;
    let everything = Everything::new(project, run, &all)
        .map_err(|error| run.refused(&Step::publish(), error))?;
    let apart = everything.apart(project, run.store);
    let damaged = apart.reasons.iter().any(Rerun::is_loss);
    let published = run.step_apart(
        Step::publish(),
        apart,
        &everything,
        || project.publish_settings(),
        |source, _| publish(project, run, source, damaged),
    )?;
    switch(project, run, &published)
}

/// All steps and what each reads: the page itself tells, without anything being computed.
pub fn grid(project: &Project) -> Grid {
    let (store, outside) = (Store::open(&project.pipeline.store, false), Outside::nothing());
    let none = BTreeSet::new();
    let run = Run::new(&store, Mode::Grid, &outside, &none, String::new());
    // Nothing is computed, so that nothing can fail.
    let all = handoffs(project, &run, true).unwrap_or_default();
    let mut reads = run.reads();
    reads.insert(Step::publish(), all.steps().into_iter().collect());
    let feeds = project
        .used()
        .into_iter()
        .map(|delivery| (delivery.name.clone(), (delivery.panels.clone(), delivery.wave)));
    Grid { reads, feeds: feeds.collect() }
}

/// All that is made before anything is published: deliveries, then panel-waves, then panels.
pub fn handoffs(project: &Project, run: &Run<'_>, keep_going: bool) -> Result<Handoffs, Error> {
    let sql = project.expressions();
    let units = SideBySide::new(run, keep_going);
    let mut all = Handoffs::default();

    // A delivery is read once, however many panels it feeds.
    let reading = project.reading();
    let read = units.each_of_few(&project.used(), reading.at_once, |delivery| {
        let file = DeliveryFile::of(delivery);
        let (folder, limits) = (&project.pipeline.store, &project.pipeline.limits);
        let apart = Apart {
            reasons: lowered_limits(folder, &delivery.name, limits),
            also: limits_in_force(limits),
            adopted: Some(&|| note_limits(folder, &delivery.name, limits)),
        };
        let raw = run.step_apart(
            Step::ingest(&delivery.name),
            apart,
            &file,
            || project.ingest_settings(delivery),
            |mut rows, settings| {
                let headers = settings.headers.clone();
                let delivery = ingest::Delivery { headers, ..file.read_at(run.started) };
                let (profile, key) = (settings.profile, project.key.within(settings.id_space));
                let limits = &reading.limits;
                let raw = ingest::read_in_batches(&delivery, profile, &key, limits, &mut rows)?;
                note_limits(folder, settings.delivery, &project.pipeline.limits);
                Ok::<_, ingest::Error>(rows.of(raw))
            },
        )?;
        let panels = units.within(&delivery.panels, |panel| {
            let of = PanelWave::new(panel, delivery.wave);
            let settings = || project.admit_settings(&of, delivery);
            let columns = |about: &RawAbout| validate::columns_read(about, &settings());
            let admitted = run.step(
                Step::of(Stage::Admit, &of),
                Rows { of: &raw, columns: &columns },
                settings,
                |raw, settings| validate::admit(&raw, settings),
            )?;
            let harmonised = run.step(
                Step::of(Stage::Harmonise, &of),
                &admitted,
                || project.harmonise_settings(&of),
                |admitted, settings| harmonise::recode(&admitted, settings, sql),
            )?;
            Ok((of, admitted.put_away(), harmonised.put_away()))
        });
        Ok((raw.put_away(), panels))
    })?;
    for (raw, panels) in read {
        for (of, admitted, harmonised) in panels {
            all.admitted.insert(of.clone(), admitted);
            all.harmonised.insert(of, harmonised);
        }
        all.raw.insert(raw.step.place(), raw);
    }

    // A panel-wave is confronted with the wave before it too.
    let ready: Vec<&PanelWave> = all
        .harmonised
        .keys()
        .filter(|of| project.previous(of).is_none_or(|before| all.harmonised.contains_key(&before)))
        .collect();
    let weighed = units.each(&ready, |of| {
        let before = project.previous(of).and_then(|before| all.harmonised.get(&before));
        let columns = || validate::columns_before(&project.confront_settings(of), sql);
        let checked = run.step(
            Step::of(Stage::Confront, of),
            WithBefore { of: &all.harmonised[*of], before, columns: &columns },
            || project.confront_settings(of),
            |(harmonised, before), settings| {
                validate::confront(&harmonised, before.as_ref(), settings, sql)
            },
        )?;
        let weighted = run.step(
            Step::of(Stage::Weight, of),
            &checked,
            || project.weight_settings(of),
            |checked, settings| weight::calibrate_panel_wave(&checked, settings),
        )?;
        Ok(((*of).clone(), checked.put_away(), weighted.put_away()))
    })?;
    for (of, checked, weighted) in weighed {
        all.checked.insert(of.clone(), checked);
        all.weighted.insert(of, weighted);
    }

    let tables = roll_ups(project, run, &units, &all)?;
    all.estimates.extend(tables);

    units.end()?;
    Ok(all)
}

/// The figures of each panel and group over all its waves.
fn roll_ups(
    project: &Project,
    run: &Run<'_>,
    units: &SideBySide<'_>,
    all: &Handoffs,
) -> Result<Vec<(String, Kept<EstimatesAbout>)>, Error> {
    let sql = project.expressions();
    let roll_up = |table: &Table| {
        let settings = || figures::settings(project, &table.panels, table.group.as_deref());
        let weighted = Columns {
            of: table.waves.iter().map(|of| &all.weighted[of]).collect(),
            columns: &|| figures::columns(&settings(), sql),
            extra: &["calibration", "design", "replicate", "replicate_scale"],
        };
        let estimates =
            run.step(Step::estimate(&table.name), weighted, settings, |weighted, settings| {
                figures::tabulate(weighted, settings, sql, project.reads.codebook())
            })?;
        Ok((table.name.clone(), estimates.put_away()))
    };
    // A group holds the respondents of all its panels: nothing beside it, all threads inside.
    let (groups, panels): (Vec<Table>, Vec<Table>) =
        tables(project, all).into_iter().partition(|table| table.group.is_some());
    let mut made = units.each_of_few(&groups, 1, roll_up)?;
    made.extend(units.each_of_few(&panels, rayon::current_num_threads(), roll_up)?);
    Ok(made)
}

/// One roll-up: all waves of a panel, or of the panels of a group.
struct Table {
    name: String,
    /// None for a single panel.
    group: Option<String>,
    panels: Vec<String>,
    waves: Vec<PanelWave>,
}

/// The roll-ups whose panel-waves are all there.
fn tables(project: &Project, all: &Handoffs) -> Vec<Table> {
    let delivered: BTreeMap<String, BTreeSet<Wave>> = project.panel_waves();
    let single = delivered.keys().map(|panel| (panel.clone(), None, vec![panel.clone()]));
    let groups =
        project.groups().into_iter().map(|(name, panels)| (name.clone(), Some(name), panels));
    let tables = single.chain(groups).map(|(name, group, panels)| {
        let waves = panels.iter().flat_map(|panel| {
            delivered[panel].iter().map(|wave| PanelWave::new(panel.clone(), *wave))
        });
        Table { waves: waves.collect(), name, group, panels }
    });
    tables.filter(|table| table.waves.iter().all(|of| all.weighted.contains_key(of))).collect()
}
