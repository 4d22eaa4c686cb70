//! The first second of a process: which resources it initialised, how they depend on each other, and what other orders would save.

use std::collections::HashMap;

use serde::Serialize;

use crate::{Resource, Snapshot, view::units};

/// The time that counts as the start.
const START_NS: u64 = 1_000_000_000;
/// A saving below this is not worth a sentence.
const WORTH_NS: u64 = 1_000_000;

/// The events of the start.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Startup {
    /// The initialisations that began in the first second, by their begin.
    pub(super) steps: Vec<Step>,
    /// Time in which at least one initialisation ran.
    pub(super) spent_ns: u64,
    /// The longest chain of initialisations of which each needs the one before: no order is faster.
    pub(super) critical_ns: u64,
    /// The resources on it, the first one first.
    pub(super) critical_path: Vec<String>,
    /// Changes that could be made.
    pub(super) advice: Vec<Advice>,
}

/// One initialisation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Step {
    pub(super) resource: String,
    /// When it began, since the process started.
    pub(super) begins_ns: u64,
    pub(super) took_ns: u64,
    /// The part of it that it did not wait for resources that it needs.
    pub(super) own_ns: u64,
    /// Accesses that waited for it.
    pub(super) waited: u64,
}

/// A change, and what it would save at best.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Advice {
    pub(super) text: String,
    pub(super) saves_ns: u64,
}

impl Startup {
    /// The start of a process; `None` if it initialised nothing then, or if several processes were added up.
    pub(super) fn of(snapshot: &Snapshot) -> Option<Startup> {
        let began = |resource: &Resource| {
            resource
                .first_use_ns
                .filter(|&at| at < START_NS && resource.initialisations > 0 && resource.first_init_ns > 0)
        };
        let mut early: Vec<(usize, u64)> = Vec::new();
        if snapshot.sources.is_empty() {
            let resources = snapshot.resources.iter().enumerate();
            early = resources.filter_map(|(index, resource)| Some((index, began(resource)?))).collect();
        }
        if early.is_empty() {
            return None;
        }
        early.sort_by_key(|&(index, at)| (at, index));
        let course = Course::of(snapshot, &early);
        let spent_ns = covered(early.iter().map(|&(index, at)| (at, at + snapshot.resources[index].first_init_ns)));
        let critical_path = course.critical_path();
        let critical_ns = critical_path.iter().map(|index| course.own[index]).sum();
        let steps = early.iter().map(|&(index, begins_ns)| {
            let resource = &snapshot.resources[index];
            Step {
                resource: resource.name.clone(),
                begins_ns,
                took_ns: resource.first_init_ns,
                own_ns: course.own[&index],
                waited: resource.waited,
            }
        });
        Some(Startup {
            steps: steps.collect(),
            spent_ns,
            critical_ns,
            advice: advice(snapshot, &early, spent_ns, critical_ns),
            critical_path: critical_path.iter().map(|&index| snapshot.resources[index].name.clone()).collect(),
        })
    }
}

/// The early initialisations as a graph.
struct Course {
    /// Time of each without that of what it needs and that ran meanwhile.
    own: HashMap<usize, u64>,
    needs: HashMap<usize, Vec<usize>>,
}

impl Course {
    fn of(snapshot: &Snapshot, early: &[(usize, u64)]) -> Course {
        let begins: HashMap<usize, u64> = early.iter().copied().collect();
        let span = |index: usize| {
            let begin = begins[&index];
            (begin, begin + snapshot.resources[index].first_init_ns)
        };
        let (mut own, mut needs) = (HashMap::new(), HashMap::new());
        for &(index, _) in early {
            let (begin, end) = span(index);
            let dependencies = snapshot.resources[index].dependencies.iter().map(|dependency| dependency.resource);
            let early: Vec<usize> =
                dependencies.filter(|other| *other != index && begins.contains_key(other)).collect();
            let within = early.iter().map(|&other| {
                let (from, to) = span(other);
                (from.clamp(begin, end), to.clamp(begin, end))
            });
            own.insert(index, (end - begin).saturating_sub(covered(within)));
            needs.insert(index, early);
        }
        Course { own, needs }
    }

    /// The chain that takes longest, from what is needed first to what needs it.
    fn critical_path(&self) -> Vec<usize> {
        let mut known = HashMap::new();
        let mut ends: Vec<usize> = self.own.keys().copied().collect();
        ends.sort_unstable();
        let longest = ends.into_iter().map(|index| self.longest(index, &mut known, &mut Vec::new()));
        longest.max_by_key(|chain| chain.0).map(|chain| chain.1).unwrap_or_default()
    }

    fn longest(
        &self,
        index: usize,
        known: &mut HashMap<usize, (u64, Vec<usize>)>,
        open: &mut Vec<usize>,
    ) -> (u64, Vec<usize>) {
        if let Some(chain) = known.get(&index) {
            return chain.clone();
        }
        // Only a snapshot made by hand has a circle.
        if open.contains(&index) {
            return (0, Vec::new());
        }
        open.push(index);
        let before = self.needs[&index].iter().map(|&other| self.longest(other, known, open));
        let (ns, mut chain) = before.max_by_key(|chain| chain.0).unwrap_or_default();
        open.pop();
        chain.push(index);
        let chain = (ns.saturating_add(self.own[&index]), chain);
        known.insert(index, chain.clone());
        chain
    }
}

/// The length of what spans cover.
fn covered(spans: impl Iterator<Item = (u64, u64)>) -> u64 {
    let mut spans: Vec<(u64, u64)> = spans.collect();
    spans.sort_unstable();
    let (mut sum, mut reached) = (0, 0);
    for (from, to) in spans {
        let from = from.max(reached);
        sum += to.saturating_sub(from);
        reached = reached.max(to);
    }
    sum
}

fn advice(snapshot: &Snapshot, early: &[(usize, u64)], spent_ns: u64, critical_ns: u64) -> Vec<Advice> {
    let mut advice = Vec::new();
    let saves_ns = spent_ns.saturating_sub(critical_ns);
    if saves_ns >= WORTH_NS && early.len() > 1 {
        let text = format!(
            "Warming these resources in parallel (`Resources::warm_up`) takes {} instead of {}.",
            units::duration(critical_ns),
            units::duration(spent_ns)
        );
        advice.push(Advice { text, saves_ns });
    }
    for &(index, _) in early {
        let resource = &snapshot.resources[index];
        // References are not counted; of a lease nobody took, the value was not used.
        let is_unused = resource.accesses == Some(0);
        let is_needed = snapshot.resources.iter().any(|other| {
            other.initialisations > 0 && other.dependencies.iter().any(|dependency| dependency.resource == index)
        });
        if is_unused && !is_needed && resource.first_init_ns >= WORTH_NS {
            let name = crate::view::text::escape(&resource.name);
            let text = format!("`{name}` was initialised and never used: leave it to its first use.");
            advice.push(Advice { text, saves_ns: resource.first_init_ns });
        }
    }
    advice.sort_by_key(|advice| std::cmp::Reverse(advice.saves_ns));
    advice
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dependency;

    const MS: u64 = 1_000_000;

    fn resource(name: &str, begins: u64, took: u64, needs: &[usize]) -> Resource {
        Resource {
            initialisations: 1,
            first_use_ns: Some(begins * MS),
            first_init_ns: took * MS,
            dependencies: needs.iter().map(|&index| Dependency::learnt(index)).collect(),
            ..Resource::new(name)
        }
    }

    fn start(resources: Vec<Resource>) -> Option<Startup> {
        Startup::of(&Snapshot { resources, ..Snapshot::empty() })
    }

    #[test]
    fn the_critical_path_is_the_longest_chain_of_what_needs_each_other() {
        // The pool needs the settings, and initialises them within itself; the index needs nothing.
        let startup = start(vec![
            resource("settings", 20, 30, &[]),
            resource("pool", 10, 100, &[0]),
            resource("index", 110, 80, &[]),
        ])
        .expect("initialisations");
        let own: Vec<u64> = startup.steps.iter().map(|step| step.own_ns / MS).collect();
        assert_eq!(own, [70, 30, 80], "by their begin: pool, settings, index");
        assert_eq!((startup.spent_ns, startup.critical_ns), (180 * MS, 100 * MS));
        assert_eq!(startup.critical_path, ["settings", "pool"]);
        assert_eq!(startup.advice[0].saves_ns, 80 * MS);
        assert!(startup.advice[0].text.contains("takes 100 ms instead of 180 ms"), "{}", startup.advice[0].text);
    }

    #[test]
    fn what_ran_in_parallel_already_saves_nothing() {
        let startup = start(vec![resource("a", 0, 50, &[]), resource("b", 0, 50, &[])]).expect("initialisations");
        assert_eq!((startup.spent_ns, startup.advice.len()), (50 * MS, 0));
    }

    #[test]
    fn only_the_first_second_counts_and_circles_end() {
        assert!(start(vec![resource("late", 1_000, 50, &[])]).is_none());
        let startup = start(vec![resource("a", 0, 50, &[1]), resource("b", 10, 20, &[0])]).expect("initialisations");
        assert!(startup.critical_ns <= startup.spent_ns);
    }

    #[test]
    fn a_leased_value_that_nobody_leased_can_wait() {
        let idle = Resource { accesses: Some(0), ..resource("idle", 5, 40, &[]) };
        let startup = start(vec![idle.clone(), resource("used", 45, 10, &[])]).expect("initialisations");
        assert!(startup.advice[0].text.contains("`idle` was initialised and never used"));
        let needed = start(vec![idle, resource("used", 45, 10, &[0])]).expect("initialisations");
        assert!(!needed.advice.iter().any(|advice| advice.text.contains("never used")), "{:?}", needed.advice);
    }
}
