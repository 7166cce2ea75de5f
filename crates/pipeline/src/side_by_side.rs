//! Units of work on all threads; what failed is gathered, what did not goes on.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::error::Error;
use crate::outcome::Mode;
use crate::run::Run;

/// Runs units side by side and gathers their errors.
pub struct SideBySide<'a> {
    run: &'a Run<'a>,
    /// Whether the other units go on after one failed.
    keep_going: bool,
    errors: Mutex<Vec<Error>>,
}

impl<'a> SideBySide<'a> {
    /// A plan always goes on: it says everything at once.
    pub fn new(run: &'a Run<'a>, keep_going: bool) -> Self {
        Self {
            run,
            keep_going: keep_going || run.mode == Mode::Plan,
            errors: Mutex::new(Vec::new()),
        }
    }

    /// What the units give, in their order; an error here ends the walk.
    pub fn each<U: Sync, T: Send>(
        &self,
        units: &[U],
        work: impl Fn(&U) -> Result<T, Error> + Sync,
    ) -> Result<Vec<T>, Error> {
        let done: Vec<Option<T>> = units.par_iter().map(|unit| self.one(unit, &work)).collect();
        self.gathered(done)
    }

    /// The same with at most so many units under way, whichever of them wait for others.
    pub fn each_of_few<U: Sync, T: Send>(
        &self,
        units: &[U],
        at_once: usize,
        work: impl Fn(&U) -> Result<T, Error> + Sync,
    ) -> Result<Vec<T>, Error> {
        let done: Vec<Mutex<Option<T>>> = units.iter().map(|_| Mutex::new(None)).collect();
        let next = AtomicUsize::new(0);
        rayon::scope(|scope| {
            for _ in 0..at_once {
                scope.spawn(|_| {
                    while let Some((unit, done)) = {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        units.get(at).zip(done.get(at))
                    } {
                        *done.lock().unwrap_or_else(PoisonError::into_inner) =
                            self.one(unit, &work);
                    }
                });
            }
        });
        let done = done.into_iter();
        self.gathered(
            done.map(|done| done.into_inner().unwrap_or_else(PoisonError::into_inner)).collect(),
        )
    }

    fn gathered<T>(&self, done: Vec<Option<T>>) -> Result<Vec<T>, Error> {
        if !self.keep_going || self.is_interrupted() {
            self.end()?;
        }
        Ok(done.into_iter().flatten().collect())
    }

    /// The same, one after the other inside a unit that runs side by side already.
    pub fn within<U, T>(&self, units: &[U], work: impl Fn(&U) -> Result<T, Error>) -> Vec<T> {
        units.iter().filter_map(|unit| self.one(unit, &work)).collect()
    }

    fn one<U, T>(&self, unit: &U, work: &impl Fn(&U) -> Result<T, Error>) -> Option<T> {
        if self.run.stop.load(Ordering::Relaxed) {
            return None;
        }
        match work(unit) {
            Ok(done) => Some(done),
            Err(error) => {
                if !self.keep_going || matches!(error, Error::Interrupted) {
                    self.run.stop.store(true, Ordering::Relaxed);
                }
                self.lock().push(error);
                None
            }
        }
    }

    /// All errors so far, in the order of their texts: which thread came first shows nowhere.
    pub fn end(&self) -> Result<(), Error> {
        let mut errors = std::mem::take(&mut *self.lock());
        errors.sort_by_cached_key(ToString::to_string);
        let (interrupts, mut others): (Vec<Error>, Vec<Error>) =
            errors.into_iter().partition(|error| matches!(error, Error::Interrupted));
        others.extend(interrupts.into_iter().next());
        Error::of(others).map_or(Ok(()), Err)
    }

    fn is_interrupted(&self) -> bool {
        self.lock().iter().any(|error| matches!(error, Error::Interrupted))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Error>> {
        self.errors.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
