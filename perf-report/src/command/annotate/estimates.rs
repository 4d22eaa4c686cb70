//! How long calls of the functions of a run take, each with all that it calls.

use std::collections::HashMap;

use super::{
    cost::{Call, Duration},
    known,
    source::Function,
};

/// Estimates of all functions of a run, each with what it calls.
pub(super) struct Estimates<'a> {
    functions: &'a [Function],
    by_ident: HashMap<&'a str, Vec<usize>>,
    /// Of a call, in ns; `None` until it is asked for.
    inclusive: Vec<Option<Duration>>,
}

/// The cost of a function whose estimate is under way, because it calls itself.
const RECURSION: Duration = Duration { work: 20.0, waits: 0.0 };

/// How deep calls are followed.
const DEEPEST: usize = 64;

impl<'a> Estimates<'a> {
    pub(super) fn of(functions: &'a [Function]) -> Estimates<'a> {
        let mut by_ident: HashMap<&str, Vec<usize>> = HashMap::new();
        for (place, function) in functions.iter().enumerate() {
            by_ident.entry(&function.ident).or_default().push(place);
        }
        Estimates { functions, by_ident, inclusive: vec![None; functions.len()] }
    }

    /// Time of a call with all that it calls, in ns.
    pub(super) fn inclusive(&mut self, function: usize) -> f64 {
        self.inclusive_at(function, 0).sum()
    }

    fn inclusive_at(&mut self, function: usize, depth: usize) -> Duration {
        if let Some(known) = self.inclusive[function] {
            return known;
        }
        if depth > DEEPEST {
            return RECURSION;
        }
        self.inclusive[function] = Some(RECURSION);
        let functions = self.functions;
        let cost = &functions[function].cost;
        let whole =
            cost.calls.iter().fold(cost.own, |sum, call| sum.plus(self.call(function, call, depth).times(call.times)));
        *self.inclusive[function].insert(whole)
    }

    /// Time of a function beside its calls of chosen functions, in ns.
    pub(super) fn own(&mut self, function: usize, is_chosen: &dyn Fn(usize) -> bool) -> f64 {
        let functions = self.functions;
        let cost = &functions[function].cost;
        let own = cost.calls.iter().fold(cost.own, |sum, call| {
            let callees = self.callees(function, call);
            if callees.contains(&function) {
                return sum.plus(RECURSION.times(call.times));
            }
            match !callees.is_empty() && callees.iter().all(|&callee| is_chosen(callee)) {
                true => sum,
                false => sum.plus(self.call(function, call, 0).times(call.times)),
            }
        });
        own.sum()
    }

    /// How often a call of a function calls chosen ones.
    pub(super) fn calls_of(&self, function: usize, is_chosen: &dyn Fn(usize) -> bool) -> f64 {
        let of_chosen = self.functions[function].cost.calls.iter().filter(|call| {
            let callees = self.callees(function, call);
            !callees.is_empty() && callees.iter().all(|&callee| callee != function && is_chosen(callee))
        });
        of_chosen.map(|call| call.times.work).sum()
    }

    fn call(&mut self, from: usize, call: &Call, depth: usize) -> Duration {
        if self.is_of_whole(from, call) {
            return Duration { work: known::WHOLE, waits: 0.0 };
        }
        let callees = self.callees(from, call);
        if callees.is_empty() {
            if call.is_buffered {
                return Duration { work: known::BUFFERED, waits: 0.0 };
            }
            return match known::call(&call.ident).unwrap_or(known::UNKNOWN) {
                known::WAIT => Duration { work: 0.0, waits: known::WAIT },
                work => Duration { work, waits: 0.0 },
            };
        }
        let costs = callees.into_iter().map(|callee| self.inclusive_at(callee, depth + 1));
        costs.max_by(|a, b| a.sum().total_cmp(&b.sum())).unwrap_or_default()
    }

    /// Whether a call reads or writes a whole value: `T::deserialize(…)` or `value.serialize(…)` in a free function, as in the `from_str` of a
    /// format. Functions that have such a name themselves are for a field.
    fn is_of_whole(&self, from: usize, call: &Call) -> bool {
        let function = &self.functions[from];
        let is_parameter = |name: &String| name.len() <= 2 && name.starts_with(char::is_uppercase);
        let is_whole = match call.ident.as_str() {
            "deserialize" => call.qualifier.as_ref().is_some_and(is_parameter),
            "serialize" => call.is_method,
            _ => false,
        };
        is_whole && function.owner.is_empty() && !function.ident.contains("serialize")
    }

    /// The functions that a call may be of.
    fn callees(&self, from: usize, call: &Call) -> Vec<usize> {
        let Some(candidates) = self.by_ident.get(call.ident.as_str()) else { return Vec::new() };
        let functions = self.functions;
        let owner = match call.qualifier.as_deref() {
            Some("Self") => Some(functions[from].owner.as_str()),
            Some(qualifier) if qualifier.starts_with(char::is_uppercase) => Some(qualifier),
            _ => call.on_self.then_some(functions[from].owner.as_str()),
        };
        let fits = |&&candidate: &&usize| {
            let function = &functions[candidate];
            match owner {
                Some(owner) => function.owner == owner,
                None if call.is_method => function.is_method && candidate != from,
                None => function.owner.is_empty(),
            }
        };
        // A name of the standard library's on something unknown is most often the standard library's.
        if owner.is_none() && known::call(&call.ident).is_some() {
            return Vec::new();
        }
        candidates.iter().filter(fits).copied().collect()
    }

    /// The functions that a function calls.
    pub(super) fn called_by(&self, function: usize) -> Vec<usize> {
        self.functions[function].cost.calls.iter().flat_map(|call| self.callees(function, call)).collect()
    }

    /// Whether all of a function is one call, made once.
    pub(super) fn is_one_call(&self, function: usize) -> bool {
        let calls = &self.functions[function].cost.calls;
        calls.iter().filter(|call| known::call(&call.ident).is_none_or(|cost| cost > 1.0)).count() == 1
    }
}
