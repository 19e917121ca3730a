//! Linearizability by a search: whether the clients' requests have some order that a bank by itself could have served them in, whatever numbers the
//! devices gave their commands.
//!
//! The search is that of Wing and Gong with Lowe's memory, by a crate of its own, and so is the bank that it asks: nothing of the simulator's judges
//! is used, only what clients asked, when, and what they were answered.
//!
//! A request without an answer may have happened at any time after it was made, or never: it ends with the history, where it disturbs nobody any more. What
//! it did is not known; an account holds an interval from then on, until an answer says more.
//!
//! Where the search for one order of everything takes too long, each account by itself has to have one.

use std::cell::Cell;

use cmsl_runtime::clock::Time;
use cmsl_runtime::sim::{ACCOUNTS, Answer, Call, History, Operation};
use cmsl_runtime::wire::Wire;
use todc_utils::{Action, History as Actions, Specification, WGLChecker};

/// A search that has tried so many steps for each request is given up: one for the order of everything, and one for that of an account.
const STEPS_MAX: [u64; 2] = [24, 240];

/// The most that a lottery draws.
const DRAWN_MAX: i64 = 999;

/// What the search says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// There is an order.
    Linearizable,
    /// There was no time to find one of everything; each account by itself has one.
    ByAccount,
    /// There is none.
    Impossible,
    /// The search was given up.
    Undecided,
}

impl Verdict {
    fn of(found: bool) -> Verdict {
        if found {
            Verdict::Linearizable
        } else {
            Verdict::Impossible
        }
    }
}

/// One request of a client.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// What it asked for.
    pub call: Call,
    /// When.
    pub made: Time,
    /// What it was answered, and when; nothing if it never was.
    pub answered: Option<(Time, Answer)>,
}

/// Searches an order for what the clients of a run asked and were answered.
#[must_use]
pub fn judge(history: &History) -> Verdict {
    let operations = history.operations.iter();
    // What is made as a read changes nothing, so that one without an answer is no matter.
    let known = operations.filter(|(id, operation)| !id.is_read() || operation.answered.is_some());
    let asked: Option<Vec<Asked>> = known.map(|(_, operation)| asked(operation)).collect();
    // An answer that nobody can read is none that a bank gives.
    asked.map_or(Verdict::Impossible, |asked| search(&asked))
}

fn asked(operation: &Operation) -> Option<Asked> {
    let answered = match &operation.answered {
        Some((at, reply)) => Some((*at, Answer::from_bytes(reply).ok()?)),
        None => None,
    };
    Some(Asked {
        call: operation.call,
        made: operation.invoked,
        answered,
    })
}

/// Searches an order for these requests.
#[must_use]
pub fn search(asked: &[Asked]) -> Verdict {
    let spans: Option<Vec<Span>> = asked.iter().map(span).collect();
    let Some(spans) = spans else {
        return Verdict::Impossible;
    };
    if let Some(found) = order(&spans, STEPS_MAX[0]) {
        return Verdict::of(found);
    }
    let each: Vec<Option<bool>> = (0..ACCOUNTS)
        .map(|account| order_of(account, &spans))
        .collect();
    if each.contains(&Some(false)) {
        Verdict::Impossible
    } else if each.contains(&None) {
        Verdict::Undecided
    } else if order(&narrowed(spans), STEPS_MAX[0]) == Some(true) {
        Verdict::Linearizable
    } else {
        Verdict::ByAccount
    }
}

/// The same with each request that was not answered as late as its accounts by themselves allow. An order of these is one of the others, too, and is found
/// sooner, as the search takes the earliest first.
fn narrowed(mut spans: Vec<Span>) -> Vec<Span> {
    let mut ends: Vec<Time> = spans.iter().map(|span| span.end).collect();
    ends.sort_unstable();
    for at in 0..spans.len() {
        let begin = spans[at].begin;
        if !spans[at].is_unanswered() {
            continue;
        }
        let later = &ends[ends.partition_point(|end| *end <= begin)..];
        let accounts: Vec<usize> = spans[at].parts.iter().map(|part| part.account).collect();
        let fits = later.partition_point(|end| {
            spans[at].begin = *end;
            accounts
                .iter()
                .all(|account| order_of(*account, &spans) == Some(true))
        });
        spans[at].begin = fits.checked_sub(1).map_or(begin, |last| later[last]);
    }
    spans
}

/// What happened to one account between two moments.
#[derive(Debug, Clone, Copy)]
struct Part {
    account: usize,
    effect: Effect,
}

#[derive(Debug, Clone, Copy)]
enum Effect {
    /// It held the first amount and then the second.
    Went(i64, i64),
    /// It held less than this.
    Below(i64),
    /// Nobody knows: so much came, at least and at most.
    Came(i64, i64),
    /// Nobody knows: so much was taken if there was so much.
    Taken(i64),
    /// Nobody knows: any part of it was taken.
    Spent,
}

/// A request from its begin to its end, and what it did at one moment between them.
#[derive(Debug, Clone)]
struct Span {
    begin: Time,
    end: Time,
    parts: Vec<Part>,
}

impl Span {
    fn is_unanswered(&self) -> bool {
        self.end == Time::NEVER
    }

    fn meets(&self, account: usize) -> bool {
        self.parts.iter().any(|part| part.account == account)
    }
}

/// What a request did; nothing if no bank answers so.
fn span(asked: &Asked) -> Option<Span> {
    let answer = asked.answered.map(|(_, answer)| answer);
    let effects = effects(asked.call, answer)?.into_iter();
    let parts = effects.map(|(account, effect)| Part {
        account: usize::from(account),
        effect,
    });
    Some(Span {
        begin: asked.made,
        end: asked.answered.map_or(Time::NEVER, |(at, _)| at),
        parts: parts.collect(),
    })
}

fn effects(call: Call, answer: Option<Answer>) -> Option<Vec<(u8, Effect)>> {
    use Effect::{Below, Came, Spent, Taken, Went};
    Some(match (call, answer) {
        (Call::Balance(_) | Call::Fail(_), None) | (Call::Fail(_), Some(Answer::Raised)) => vec![],
        (Call::Balance(of), Some(Answer::Balance(held))) => vec![(of, Went(held, held))],
        (Call::Deposit(to, amount), None) => vec![(to, Came(amount, amount))],
        (Call::Deposit(to, amount), Some(Answer::Balance(after))) => {
            vec![(to, Went(after - amount, after))]
        }
        (Call::Lottery(to), None) => vec![(to, Came(0, DRAWN_MAX))],
        (Call::Lottery(to), Some(Answer::Drawn(amount @ 0..=DRAWN_MAX, after))) => {
            vec![(to, Went(after - amount, after))]
        }
        (Call::Transfer(from, to, amount), None) => {
            vec![(from, Taken(amount)), (to, Came(amount, amount))]
        }
        (Call::Transfer(from, to, amount), Some(Answer::Moved(left @ 0.., there))) => vec![
            (from, Went(left + amount, left)),
            (to, Went(there - amount, there)),
        ],
        (Call::Transfer(from, _, amount), Some(Answer::Insufficient)) => {
            vec![(from, Below(amount))]
        }
        (Call::Payout(from), None) => vec![(from, Spent)],
        (Call::Payout(from), Some(Answer::Paid(total @ 0.., left @ 0..))) => {
            vec![(from, Went(left + total, left))]
        }
        (Call::Payout(from), Some(Answer::Owed(total))) => vec![(from, Below(total))],
        _ => return None,
    })
}

/// Whether what was done to one account has an order; nothing if the search was given up.
fn order_of(account: usize, spans: &[Span]) -> Option<bool> {
    let spans = spans.iter().filter(|span| span.meets(account));
    let alone = spans.map(|span| Span {
        parts: span
            .parts
            .iter()
            .filter(|part| part.account == account)
            .copied()
            .collect(),
        ..*span
    });
    order(&alone.collect::<Vec<Span>>(), STEPS_MAX[1])
}

/// Whether what was done has an order; nothing if the search was given up.
fn order(spans: &[Span], steps_max: u64) -> Option<bool> {
    let mut moments = Vec::with_capacity(spans.len() * 2);
    for (process, span) in spans
        .iter()
        .filter(|span| !span.parts.is_empty())
        .enumerate()
    {
        // Of what happens at one moment, nothing is before the other: the begins come first.
        moments.push(((span.begin, 0), (process, Action::Call(span.parts.clone()))));
        moments.push((
            (span.end, 1),
            (process, Action::Response(span.parts.clone())),
        ));
    }
    if moments.is_empty() {
        return Some(true);
    }
    moments.sort_by_key(|(moment, _)| *moment);
    LEFT.set(spans.len() as u64 * steps_max);
    let actions = moments.into_iter().map(|(_, action)| action).collect();
    let found = WGLChecker::<Bank>::is_linearizable(Actions::from_actions(actions));
    (found || LEFT.get() > 0).then_some(found)
}

thread_local! {
    /// The steps that the search of this thread may still try: the crate has no bound of its own.
    static LEFT: Cell<u64> = const { Cell::new(0) };
}

/// The bank by itself.
struct Bank;

impl Specification for Bank {
    type State = [Holds; ACCOUNTS];
    type Operation = Vec<Part>;

    fn init() -> Self::State {
        [Holds { least: 0, most: 0 }; ACCOUNTS]
    }

    fn apply(parts: &Vec<Part>, state: &Self::State) -> (bool, Self::State) {
        let mut after = *state;
        let left = LEFT.get();
        LEFT.set(left.saturating_sub(1));
        if left == 0 {
            return (false, after);
        }
        for part in parts {
            match after[part.account].meet(part.effect) {
                Met::Happened => {}
                Met::Refused => return (true, *state),
                Met::Cannot => return (false, *state),
            }
        }
        (true, after)
    }
}

/// What an account may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Holds {
    least: i64,
    most: i64,
}

/// What comes of an effect on an account.
enum Met {
    Happened,
    /// The whole request does nothing.
    Refused,
    /// It cannot have been so.
    Cannot,
}

impl Holds {
    fn meet(&mut self, effect: Effect) -> Met {
        match effect {
            Effect::Went(before, after) => {
                if !(self.least..=self.most).contains(&before) {
                    return Met::Cannot;
                }
                (self.least, self.most) = (after, after);
            }
            Effect::Below(amount) => {
                if self.least >= amount {
                    return Met::Cannot;
                }
                self.most = self.most.min(amount - 1);
            }
            Effect::Came(least, most) => {
                self.least += least;
                self.most += most;
            }
            Effect::Taken(amount) if self.most < amount => return Met::Refused,
            Effect::Taken(amount) => {
                self.least = self.least.max(amount) - amount;
                self.most -= amount;
            }
            Effect::Spent => self.least = self.least.min(0),
        }
        Met::Happened
    }
}
