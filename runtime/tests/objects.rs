//! A small program as the compiler prints it, by hand: what a server's state does under commands.
#![expect(missing_docs, reason = "a program written for this test")]
#![expect(clippy::unwrap_used, reason = "this is test code")]

use cmsl_runtime::identity::{HostId, ServerId};
use cmsl_runtime::object::{Damaged, Environment, Execution, Service, Verdict};
use cmsl_runtime::prelude::*;

#[derive(Clone, Default)]
pub struct Account {
    pub owner: Text,
    pub balance: i64,
    pub bank: Ref<Bank>,
}

impl Class for Account {
    const INFO: ClassInfo = ClassInfo::of::<Account>("account");

    fn attributes<'a>(&'a self, each: &mut dyn FnMut(&'a dyn Attribute)) {
        each(&self.owner);
        each(&self.balance);
        each(&self.bank);
    }

    fn attributes_mut<'a>(&'a mut self, each: &mut dyn FnMut(&'a mut dyn Attribute)) {
        each(&mut self.owner);
        each(&mut self.balance);
        each(&mut self.bank);
    }
}

impl Account {
    pub const BALANCE: Field<Account, i64> =
        Field::new(1, |this| &this.balance, |this| &mut this.balance);
    pub const BANK: Field<Account, Ref<Bank>> =
        Field::new(2, |this| &this.bank, |this| &mut this.bank);

    pub fn withdraw(this: &Ref<Account>, amount: i64, cx: &mut Context) -> Outcome<()> {
        let left = int::sub(this.read(cx)?.balance, amount)?;
        this.set(Account::BALANCE, left, cx)?;
        if left < 0 {
            let text = Text::from(format!("{} is short of {}", this.read(cx)?.owner, -left));
            let overdrawn = Overdrawn::new(text, cx)?;
            return Err(throw(&overdrawn, cx));
        }
        Ok(())
    }
}

#[derive(Clone, Default)]
pub struct Overdrawn {
    pub base: Exception,
}

impl Class for Overdrawn {
    const INFO: ClassInfo = ClassInfo::of::<Overdrawn>("overdrawn");

    fn base(&self) -> Option<&dyn Object> {
        Some(&self.base)
    }

    fn base_mut(&mut self) -> Option<&mut dyn Object> {
        Some(&mut self.base)
    }

    fn attributes<'a>(&'a self, each: &mut dyn FnMut(&'a dyn Attribute)) {
        self.base.attributes(each);
    }

    fn attributes_mut<'a>(&'a mut self, each: &mut dyn FnMut(&'a mut dyn Attribute)) {
        self.base.attributes_mut(each);
    }
}

impl Overdrawn {
    pub fn new(message: Text, cx: &mut Context) -> Outcome<Ref<Overdrawn>> {
        let this = cx.create(Overdrawn::default());
        Exception::construct_with_message(&this.upcast(), &message, cx)?;
        Ok(this)
    }
}

#[derive(Clone, Default)]
pub struct Bank {
    pub accounts: Map<Text, Ref<Account>>,
    pub all: List<Ref<Account>>,
    pub log: List<i64>,
}

impl Class for Bank {
    const INFO: ClassInfo = ClassInfo::of::<Bank>("bank");

    fn attributes<'a>(&'a self, each: &mut dyn FnMut(&'a dyn Attribute)) {
        each(&self.accounts);
        each(&self.all);
        each(&self.log);
    }

    fn attributes_mut<'a>(&'a mut self, each: &mut dyn FnMut(&'a mut dyn Attribute)) {
        each(&mut self.accounts);
        each(&mut self.all);
        each(&mut self.log);
    }
}

impl Bank {
    pub const ACCOUNTS: Field<Bank, Map<Text, Ref<Account>>> =
        Field::new(0, |this| &this.accounts, |this| &mut this.accounts);
    pub const ALL: Field<Bank, List<Ref<Account>>> =
        Field::new(1, |this| &this.all, |this| &mut this.all);
    pub const LOG: Field<Bank, List<i64>> = Field::new(2, |this| &this.log, |this| &mut this.log);

    pub fn open(this: &Ref<Bank>, owner: Text, cx: &mut Context) -> Outcome<()> {
        let account = cx.create(Account {
            owner: owner.clone(),
            ..Account::default()
        });
        this.edit(Bank::ACCOUNTS, MapEdit::Set(owner, account.clone()), cx)?;
        this.relate_by(Bank::ALL, Account::BANK, ListEdit::Append(account), cx)
    }

    pub fn transfer(
        this: &Ref<Bank>,
        from: Text,
        to: Text,
        amount: i64,
        cx: &mut Context,
    ) -> Outcome<i64> {
        precondition(amount > 0, "amount > 0")?;
        let (from, to) = (
            this.read(cx)?.accounts.get(&from)?,
            this.read(cx)?.accounts.get(&to)?,
        );
        let more = int::add(to.read(cx)?.balance, amount)?;
        to.set(Account::BALANCE, more, cx)?;
        Account::withdraw(&from, amount, cx)?;
        this.edit(Bank::LOG, ListEdit::Append(amount), cx)?;
        Ok(more)
    }

    pub fn close(this: &Ref<Bank>, owner: Text, cx: &mut Context) -> Outcome<()> {
        let account = this.read(cx)?.accounts.get(&owner)?;
        this.edit(Bank::ACCOUNTS, MapEdit::Remove(owner), cx)?;
        account.relate(Account::BANK, Bank::ALL, Ref::null(), cx)
    }

    pub fn deposit(this: &Ref<Bank>, owner: Text, amount: i64, cx: &mut Context) -> Outcome<()> {
        let account = this.read(cx)?.accounts.get(&owner)?;
        let more = int::add(account.read(cx)?.balance, amount)?;
        account.set(Account::BALANCE, more, cx)
    }
}

impl Served for Bank {
    fn construct_served(call: &Call<'_>, cx: &mut Context) -> Outcome<Ref<Self>> {
        match call.number {
            0 => Ok(cx.create(Bank::default())),
            _ => Err(call.unknown()),
        }
    }

    fn serve(this: &Ref<Self>, call: &Call<'_>, cx: &mut Context) -> Outcome<Answer> {
        match call.number {
            1 => {
                let (owner,): (Text,) = call.arguments(cx)?;
                Bank::open(this, owner, cx)?;
                answer(&(), cx)
            }
            2 => {
                let (from, to, amount): (Text, Text, i64) = call.arguments(cx)?;
                let result = Bank::transfer(this, from, to, amount, cx)?;
                answer(&result, cx)
            }
            3 => {
                let (owner,): (Text,) = call.arguments(cx)?;
                Bank::close(this, owner, cx)?;
                answer(&(), cx)
            }
            4 => {
                let (owner, amount): (Text, i64) = call.arguments(cx)?;
                Bank::deposit(this, owner, amount, cx)?;
                answer(&(), cx)
            }
            5 => answer(&this.read(cx)?.all.clone(), cx),
            _ => Err(call.unknown()),
        }
    }
}

static CODE: Code = Code {
    classes: &[Account::INFO, Overdrawn::INFO, Bank::INFO],
    positions: &[],
};

/// Appends one encoded argument.
type Argument<'a> = &'a dyn Fn(&mut Vec<u8>);

fn call(number: u32, arguments: &[Argument<'_>]) -> Vec<u8> {
    let mut bytes = number.to_le_bytes().to_vec();
    for argument in arguments {
        argument(&mut bytes);
    }
    bytes
}

fn text(text: &str) -> impl Fn(&mut Vec<u8>) {
    move |bytes| {
        bytes.push(u8::try_from(text.len()).unwrap());
        bytes.extend(text.as_bytes());
    }
}

fn long(value: i64) -> impl Fn(&mut Vec<u8>) {
    move |bytes| bytes.extend(value.to_le_bytes())
}

fn replica() -> Box<dyn Service> {
    ServerObject::<Bank>::boxed(&CODE)
}

fn environment() -> Environment {
    Environment {
        host: HostId(1),
        server: ServerId(7),
        ..Environment::isolated(0, 0)
    }
}

fn run(leader: &mut dyn Service, call: &[u8]) -> Execution {
    leader.execute(call, &environment())
}

/// Runs and settles calls on one replica and applies them to another.
fn both(leader: &mut dyn Service, follower: &mut dyn Service, calls: &[Vec<u8>]) {
    for call in calls {
        let execution = run(leader, call);
        leader.settle();
        follower.apply(&execution.delta).unwrap();
        follower.settle();
        assert_eq!(leader.hash(), follower.hash());
    }
}

fn opening() -> Vec<Vec<u8>> {
    vec![
        call(0, &[]),
        call(1, &[&text("ann")]),
        call(1, &[&text("bob")]),
        call(4, &[&text("ann"), &long(100)]),
        call(2, &[&text("ann"), &text("bob"), &long(30)]),
    ]
}

#[test]
fn followers_reach_the_leaders_state_from_deltas_alone() {
    let (mut leader, mut follower) = (replica(), replica());
    both(&mut *leader, &mut *follower, &opening());
    assert_ne!(leader.hash(), replica().hash());
    // The roles change: ids go on where the deltas left them.
    both(
        &mut *follower,
        &mut *leader,
        &[
            call(1, &[&text("cyd")]),
            call(3, &[&text("bob")]),
            call(2, &[&text("ann"), &text("cyd"), &long(1)]),
        ],
    );
}

#[test]
fn a_method_that_raises_changes_nothing_and_says_what_it_raised() {
    let (mut leader, mut follower) = (replica(), replica());
    both(&mut *leader, &mut *follower, &opening());
    let before = leader.hash();
    let execution = run(
        &mut *leader,
        &call(2, &[&text("ann"), &text("bob"), &long(500)]),
    );
    leader.settle();
    assert_eq!(execution.verdict, Verdict::Raised);
    assert!(execution.delta.is_empty());
    assert!(String::from_utf8_lossy(&execution.reply).contains("ann is short of 430"));
    assert_eq!(leader.hash(), before);
    let execution = run(
        &mut *leader,
        &call(2, &[&text("ann"), &text("bob"), &long(0)]),
    );
    assert_eq!(execution.verdict, Verdict::PreconditionFailed);
}

#[test]
fn undo_takes_back_the_newest_and_the_settled_state_never_runs_ahead() {
    let (mut leader, mut follower) = (replica(), replica());
    both(&mut *leader, &mut *follower, &opening());
    let settled = leader.hash();
    let snapshot = leader.snapshot();
    let first = run(&mut *leader, &call(1, &[&text("cyd")]));
    let second = run(
        &mut *leader,
        &call(2, &[&text("bob"), &text("cyd"), &long(5)]),
    );
    assert_eq!(second.verdict, Verdict::Completed);
    assert_eq!(leader.hash(), settled);
    assert_eq!(leader.snapshot(), snapshot);
    leader.undo();
    leader.undo();
    assert_eq!(leader.hash(), settled);
    // Executed anew, the same commands come out as the same bytes.
    assert_eq!(run(&mut *leader, &call(1, &[&text("cyd")])), first);
    leader.undo();
    leader.apply(&first.delta).unwrap();
    leader.apply(&second.delta).unwrap();
    follower.apply(&first.delta).unwrap();
    follower.apply(&second.delta).unwrap();
    for replica in [&mut leader, &mut follower] {
        replica.settle();
        replica.settle();
    }
    assert_eq!(leader.hash(), follower.hash());
    assert_ne!(leader.hash(), settled);
}

#[test]
fn a_snapshot_makes_an_equal_replica_that_goes_on() {
    let (mut leader, mut follower) = (replica(), replica());
    both(&mut *leader, &mut *follower, &opening());
    let mut third = replica();
    third.restore(&leader.snapshot()).unwrap();
    assert_eq!(third.hash(), leader.hash());
    both(
        &mut *third,
        &mut *leader,
        &[
            call(3, &[&text("bob")]),
            call(1, &[&text("bob")]),
            call(2, &[&text("ann"), &text("bob"), &long(2)]),
        ],
    );
}

#[test]
fn damaged_bytes_are_refused_and_leave_the_state_as_it_was() {
    let (mut leader, mut follower) = (replica(), replica());
    both(&mut *leader, &mut *follower, &opening());
    let before = follower.hash();
    let delta = run(&mut *leader, &call(1, &[&text("cyd")])).delta;
    leader.undo();
    let snapshot = leader.snapshot();
    for cut in 1..delta.len() {
        assert!(follower.apply(&delta[..cut]).is_err(), "cut at {cut}");
        assert_eq!(follower.hash(), before);
    }
    for cut in 0..snapshot.len() {
        let refused: Result<(), Damaged> = follower.restore(&snapshot[..cut]);
        assert!(refused.is_err(), "cut at {cut}");
    }
    for position in 0..delta.len() {
        for bit in 0..8 {
            let mut damaged = delta.clone();
            damaged[position] ^= 1 << bit;
            if follower.apply(&damaged).is_ok() {
                follower.undo();
            }
            assert_eq!(follower.hash(), before);
        }
    }
    follower.apply(&delta).unwrap();
}

#[test]
fn an_append_costs_one_element_however_long_the_list() {
    let (mut leader, mut follower) = (replica(), replica());
    both(&mut *leader, &mut *follower, &opening());
    let transfer = call(2, &[&text("ann"), &text("bob"), &long(1)]);
    let back = call(2, &[&text("bob"), &text("ann"), &long(1)]);
    let early = run(&mut *leader, &transfer).delta.len();
    leader.settle();
    for _ in 0..4096 {
        run(&mut *leader, &back);
        leader.settle();
        run(&mut *leader, &transfer);
        leader.settle();
    }
    let late = run(&mut *leader, &back).delta.len();
    assert!(late <= early + 8, "{early} bytes early, {late} late");
}

#[test]
fn garbage_goes_even_in_cycles_and_what_is_held_stays() {
    let mut cx = Context::of_main(
        &CODE,
        &[],
        cmsl_runtime::client::Connector::new(Vec::new()),
        0,
    );
    let kept = cx.create(Bank::default());
    Bank::open(&kept, Text::from("ann"), &mut cx).unwrap();
    let list = kept.read(&cx).unwrap().all.clone();
    kept.edit(Bank::ALL, ListEdit::Clear, &mut cx).unwrap();
    kept.edit(Bank::ACCOUNTS, MapEdit::Clear, &mut cx).unwrap();
    let mut most = 0;
    for _ in 0..20_000 {
        let bank = cx.create(Bank::default());
        Bank::open(&bank, Text::from("bob"), &mut cx).unwrap();
        most = most.max(cx.objects());
    }
    assert!(most < 15_000, "{most} objects at once");
    // Only a Rust local holds the list, and it shares its nodes with what the heap had.
    let account = list.at(0).unwrap();
    assert_eq!(account.read(&cx).unwrap().owner, Text::from("ann"));
}

#[test]
fn a_relation_changes_on_both_sides() {
    let mut cx = Context::of_main(
        &CODE,
        &[],
        cmsl_runtime::client::Connector::new(Vec::new()),
        0,
    );
    let (first, second) = (cx.create(Bank::default()), cx.create(Bank::default()));
    Bank::open(&first, Text::from("ann"), &mut cx).unwrap();
    let ann = first.read(&cx).unwrap().all.at(0).unwrap();
    assert!(ann.read(&cx).unwrap().bank == first);
    second
        .relate_by(
            Bank::ALL,
            Account::BANK,
            ListEdit::Append(ann.clone()),
            &mut cx,
        )
        .unwrap();
    assert!(ann.read(&cx).unwrap().bank == second);
    assert_eq!(first.read(&cx).unwrap().all.length(), 0);
    ann.relate(Account::BANK, Bank::ALL, first.clone(), &mut cx)
        .unwrap();
    assert_eq!(second.read(&cx).unwrap().all.length(), 0);
    assert!(first.read(&cx).unwrap().all.contains(&ann));
}
