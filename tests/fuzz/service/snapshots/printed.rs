//! The program `service`, as Rust.

#![forbid(unsafe_code)]
#![allow(dead_code, reason = "the program may declare what it does not use")]
#![allow(
    unreachable_code,
    unused_assignments,
    unused_comparisons,
    unused_mut,
    unused_variables,
    clippy::absurd_extreme_comparisons,
    clippy::almost_swapped,
    clippy::approx_constant,
    clippy::bool_comparison,
    clippy::collapsible_if,
    clippy::eq_op,
    clippy::identity_op,
    clippy::if_same_then_else,
    clippy::ifs_same_cond,
    clippy::manual_range_contains,
    clippy::manual_swap,
    clippy::mut_range_bound,
    clippy::needless_ifs,
    clippy::neg_cmp_op_on_partial_ord,
    clippy::neg_multiply,
    clippy::never_loop,
    clippy::nonminimal_bool,
    clippy::only_used_in_recursion,
    clippy::overly_complex_bool_expr,
    clippy::reversed_empty_ranges,
    clippy::self_assignment,
    clippy::single_match,
    clippy::zero_divided_by_zero,
    reason = "statements and expressions stay as their author wrote them"
)]
#![allow(
    clippy::disallowed_names,
    clippy::doc_lazy_continuation,
    clippy::enum_variant_names,
    clippy::module_inception,
    clippy::too_many_arguments,
    clippy::type_complexity,
    reason = "names, parameters and documentation are the author's"
)]

mod positions;

use cmsl_runtime::prelude::*;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    #[default]
    Small,
    Large = 7,
    Huge = 8,
}

impl Enumeration for Kind {
    const ALL: &'static [Self] = &[Self::Small, Self::Large, Self::Huge];

    fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Large => "large",
            Self::Huge => "huge",
        }
    }

    fn number(self) -> i64 {
        match self {
            Self::Small => 0,
            Self::Large => 7,
            Self::Huge => 8,
        }
    }
}

#[derive(Clone, Default)]
pub struct Part {
    pub name: Text,
    pub sizes: List<i64>,
    pub next: Ref<Part>,
    pub around: Array<Ref<Part>>,
}

impl Class for Part {
    const INFO: ClassInfo =
        ClassInfo::of::<Part>("part").with(&["name", "sizes", "next", "around"]);

    fn attributes<'a>(&'a self, each: &mut dyn FnMut(&'a dyn Attribute)) {
        each(&self.name);
        each(&self.sizes);
        each(&self.next);
        each(&self.around);
    }

    fn attributes_mut<'a>(&'a mut self, each: &mut dyn FnMut(&'a mut dyn Attribute)) {
        each(&mut self.name);
        each(&mut self.sizes);
        each(&mut self.next);
        each(&mut self.around);
    }
}

impl Part {
    pub const NAME: Field<Part, Text> = Field::new(0, |this| &this.name, |this| &mut this.name);
    pub const SIZES: Field<Part, List<i64>> =
        Field::new(1, |this| &this.sizes, |this| &mut this.sizes);
    pub const NEXT: Field<Part, Ref<Part>> =
        Field::new(2, |this| &this.next, |this| &mut this.next);
    pub const AROUND: Field<Part, Array<Ref<Part>>> =
        Field::new(3, |this| &this.around, |this| &mut this.around);

    /// The object before its constructor runs.
    fn initial(_cx: &mut Context) -> Outcome<Self> {
        Ok(Self {
            name: Text::default(),
            sizes: List::new(),
            next: Ref::null(),
            around: Array::new(3)?,
        })
    }

    pub fn new(name: Text, cx: &mut Context) -> Outcome<Ref<Part>> {
        let object = Part::initial(cx)?;
        let this = cx.create(object);
        Part::construct(&this, name, cx)?;
        Ok(this)
    }

    /// Runs the constructor for an object of this class or of one derived from it.
    pub fn construct(this: &Ref<Part>, name: Text, cx: &mut Context) -> Outcome<()> {
        this.set(Part::NAME, name.clone(), cx)?;
        Ok(())
    }
}

#[derive(Clone, Default)]
pub struct Wheel {
    /// The class it derives from.
    pub base: Part,
    pub radius: f64,
}

impl Class for Wheel {
    const INFO: ClassInfo =
        ClassInfo::of::<Wheel>("wheel").with(&["name", "sizes", "next", "around", "radius"]);

    fn base(&self) -> Option<&dyn Object> {
        Some(&self.base)
    }

    fn base_mut(&mut self) -> Option<&mut dyn Object> {
        Some(&mut self.base)
    }

    fn attributes<'a>(&'a self, each: &mut dyn FnMut(&'a dyn Attribute)) {
        self.base.attributes(each);
        each(&self.radius);
    }

    fn attributes_mut<'a>(&'a mut self, each: &mut dyn FnMut(&'a mut dyn Attribute)) {
        self.base.attributes_mut(each);
        each(&mut self.radius);
    }
}

impl Wheel {
    pub const RADIUS: Field<Wheel, f64> =
        Field::new(4, |this| &this.radius, |this| &mut this.radius);

    /// The object before its constructor runs.
    fn initial(cx: &mut Context) -> Outcome<Self> {
        Ok(Self {
            base: Part::initial(cx)?,
            radius: 0.0,
        })
    }

    pub fn new(name: Text, radius: f64, cx: &mut Context) -> Outcome<Ref<Wheel>> {
        let object = Wheel::initial(cx)?;
        let this = cx.create(object);
        Wheel::construct(&this, name, radius, cx)?;
        Ok(this)
    }

    /// Runs the constructor for an object of this class or of one derived from it.
    pub fn construct(this: &Ref<Wheel>, name: Text, radius: f64, cx: &mut Context) -> Outcome<()> {
        Part::construct(&this.upcast::<Part>(), name.clone(), cx)?;
        this.set(Wheel::RADIUS, radius, cx)?;
        Ok(())
    }
}

#[derive(Clone, Default)]
pub struct Full {
    /// The class it derives from.
    pub base: Exception,
    pub limit: i32,
}

impl Class for Full {
    const INFO: ClassInfo = ClassInfo::of::<Full>("full").with(&["message", "limit"]);

    fn base(&self) -> Option<&dyn Object> {
        Some(&self.base)
    }

    fn base_mut(&mut self) -> Option<&mut dyn Object> {
        Some(&mut self.base)
    }

    fn attributes<'a>(&'a self, each: &mut dyn FnMut(&'a dyn Attribute)) {
        self.base.attributes(each);
        each(&self.limit);
    }

    fn attributes_mut<'a>(&'a mut self, each: &mut dyn FnMut(&'a mut dyn Attribute)) {
        self.base.attributes_mut(each);
        each(&mut self.limit);
    }
}

impl Full {
    pub const LIMIT: Field<Full, i32> = Field::new(1, |this| &this.limit, |this| &mut this.limit);

    pub fn new(limit: i32, cx: &mut Context) -> Outcome<Ref<Full>> {
        let this = cx.create(Full::default());
        Full::construct(&this, limit, cx)?;
        Ok(this)
    }

    /// Runs the constructor for an object of this class or of one derived from it.
    pub fn construct(this: &Ref<Full>, limit: i32, cx: &mut Context) -> Outcome<()> {
        this.set(Full::LIMIT, limit, cx)?;
        Ok(())
    }
}

#[derive(Clone, Default)]
pub struct Store {
    pub title: Text,
    pub limit: i32,
    pub parts: List<Ref<Part>>,
    pub names: Set<Text>,
    pub last: Ref<Part>,
    pub k: Kind,
    pub counts: Map<Text, i32>,
    pub letters: Set<char>,
    pub numbers: Bag<i16>,
    pub day: Date,
    pub hour: Time,
    pub moment: Timestamp,
    pub pause: Interval,
    pub truth: bool,
    pub bits: u8,
    pub positive: u32,
    pub most: u64,
    pub real: f32,
    pub reason: Error,
    pub grid: Array<i32>,
    pub other: Ref<Store>,
}

impl Class for Store {
    const INFO: ClassInfo = ClassInfo::of::<Store>("store").with(&[
        "title",
        "limit",
        "parts",
        "names",
        "last",
        "k",
        "counts",
        "letters",
        "numbers",
        "day",
        "hour",
        "moment",
        "pause",
        "truth",
        "bits",
        "positive",
        "most",
        "real",
        "reason",
        "grid",
        "other",
    ]);

    fn attributes<'a>(&'a self, each: &mut dyn FnMut(&'a dyn Attribute)) {
        each(&self.title);
        each(&self.limit);
        each(&self.parts);
        each(&self.names);
        each(&self.last);
        each(&self.k);
        each(&self.counts);
        each(&self.letters);
        each(&self.numbers);
        each(&self.day);
        each(&self.hour);
        each(&self.moment);
        each(&self.pause);
        each(&self.truth);
        each(&self.bits);
        each(&self.positive);
        each(&self.most);
        each(&self.real);
        each(&self.reason);
        each(&self.grid);
        each(&self.other);
    }

    fn attributes_mut<'a>(&'a mut self, each: &mut dyn FnMut(&'a mut dyn Attribute)) {
        each(&mut self.title);
        each(&mut self.limit);
        each(&mut self.parts);
        each(&mut self.names);
        each(&mut self.last);
        each(&mut self.k);
        each(&mut self.counts);
        each(&mut self.letters);
        each(&mut self.numbers);
        each(&mut self.day);
        each(&mut self.hour);
        each(&mut self.moment);
        each(&mut self.pause);
        each(&mut self.truth);
        each(&mut self.bits);
        each(&mut self.positive);
        each(&mut self.most);
        each(&mut self.real);
        each(&mut self.reason);
        each(&mut self.grid);
        each(&mut self.other);
    }
}

impl Store {
    pub const TITLE: Field<Store, Text> = Field::new(0, |this| &this.title, |this| &mut this.title);
    pub const LIMIT: Field<Store, i32> = Field::new(1, |this| &this.limit, |this| &mut this.limit);
    pub const PARTS: Field<Store, List<Ref<Part>>> =
        Field::new(2, |this| &this.parts, |this| &mut this.parts);
    pub const NAMES: Field<Store, Set<Text>> =
        Field::new(3, |this| &this.names, |this| &mut this.names);
    pub const LAST: Field<Store, Ref<Part>> =
        Field::new(4, |this| &this.last, |this| &mut this.last);
    pub const K: Field<Store, Kind> = Field::new(5, |this| &this.k, |this| &mut this.k);
    pub const COUNTS: Field<Store, Map<Text, i32>> =
        Field::new(6, |this| &this.counts, |this| &mut this.counts);
    pub const LETTERS: Field<Store, Set<char>> =
        Field::new(7, |this| &this.letters, |this| &mut this.letters);
    pub const NUMBERS: Field<Store, Bag<i16>> =
        Field::new(8, |this| &this.numbers, |this| &mut this.numbers);
    pub const DAY: Field<Store, Date> = Field::new(9, |this| &this.day, |this| &mut this.day);
    pub const HOUR: Field<Store, Time> = Field::new(10, |this| &this.hour, |this| &mut this.hour);
    pub const MOMENT: Field<Store, Timestamp> =
        Field::new(11, |this| &this.moment, |this| &mut this.moment);
    pub const PAUSE: Field<Store, Interval> =
        Field::new(12, |this| &this.pause, |this| &mut this.pause);
    pub const TRUTH: Field<Store, bool> =
        Field::new(13, |this| &this.truth, |this| &mut this.truth);
    pub const BITS: Field<Store, u8> = Field::new(14, |this| &this.bits, |this| &mut this.bits);
    pub const POSITIVE: Field<Store, u32> =
        Field::new(15, |this| &this.positive, |this| &mut this.positive);
    pub const MOST: Field<Store, u64> = Field::new(16, |this| &this.most, |this| &mut this.most);
    pub const REAL: Field<Store, f32> = Field::new(17, |this| &this.real, |this| &mut this.real);
    pub const REASON: Field<Store, Error> =
        Field::new(18, |this| &this.reason, |this| &mut this.reason);
    pub const GRID: Field<Store, Array<i32>> =
        Field::new(19, |this| &this.grid, |this| &mut this.grid);
    pub const OTHER: Field<Store, Ref<Store>> =
        Field::new(20, |this| &this.other, |this| &mut this.other);
    pub const CALL_NEW: u32 = 0;
    pub const CALL_ADD: u32 = 1000;
    pub const CALL_TAKE: u32 = 1001;
    pub const CALL_NOTE: u32 = 1002;
    pub const CALL_TIMES: u32 = 1003;
    pub const CALL_VALUES: u32 = 1004;
    pub const CALL_ALL: u32 = read_only(1005);
    pub const CALL_SELF_: u32 = read_only(1006);

    /// The object before its constructor runs.
    fn initial(_cx: &mut Context) -> Outcome<Self> {
        Ok(Self {
            title: Text::default(),
            limit: 0,
            parts: List::new(),
            names: Set::new(),
            last: Ref::null(),
            k: Default::default(),
            counts: Map::new(),
            letters: Set::new(),
            numbers: Bag::new(),
            day: Default::default(),
            hour: Default::default(),
            moment: Default::default(),
            pause: Default::default(),
            truth: false,
            bits: 0,
            positive: 0,
            most: 0,
            real: 0.0,
            reason: Error::ok(),
            grid: Array::new(4)?,
            other: Ref::null(),
        })
    }

    pub fn new(title: Text, limit: i32, cx: &mut Context) -> Outcome<Ref<Store>> {
        let object = Store::initial(cx)?;
        let this = cx.create(object);
        Store::construct(&this, title, limit, cx)?;
        Ok(this)
    }

    /// Runs the constructor for an object of this class or of one derived from it.
    pub fn construct(this: &Ref<Store>, title: Text, limit: i32, cx: &mut Context) -> Outcome<()> {
        this.set(Store::TITLE, title.clone(), cx)?;
        this.set(Store::LIMIT, limit, cx)?;
        Ok(())
    }

    pub fn add(this: &Ref<Store>, name: Text, radius: f64, cx: &mut Context) -> Outcome<()> {
        if let Some(server) = this.server()? {
            return call(server, Store::CALL_ADD, (name, radius), cx);
        }
        Store::add_exact(this, name, radius, cx)
    }

    /// Runs `add` of this very class, here.
    pub fn add_exact(this: &Ref<Store>, name: Text, radius: f64, cx: &mut Context) -> Outcome<()> {
        if this.read(cx)?.parts.length() >= this.read(cx)?.limit {
            return Err(throw(&Full::new(this.read(cx)?.limit, cx)?, cx));
        }
        let p = Wheel::new(name.clone(), radius, cx)?.upcast::<Part>();
        if this.read(cx)?.parts.length() > 0 {
            p.set(Part::NEXT, this.read(cx)?.parts.at(0_i64)?, cx)?;
            {
                let object = this.read(cx)?.parts.at(0_i64)?;
                let index = 1_i64;
                object.edit(Part::AROUND, ListEdit::Put(index, p.clone()), cx)?;
            }
        }
        this.edit(Store::PARTS, ListEdit::Append(p.clone()), cx)?;
        this.edit(Store::NAMES, SetEdit::Insert(name.clone()), cx)?;
        Ok(())
    }

    pub fn take(this: &Ref<Store>, p: Ref<Part>, cx: &mut Context) -> Outcome<Ref<Part>> {
        if let Some(server) = this.server()? {
            return call(server, Store::CALL_TAKE, (p,), cx);
        }
        Store::take_exact(this, p, cx)
    }

    /// Runs `take` of this very class, here.
    pub fn take_exact(this: &Ref<Store>, p: Ref<Part>, cx: &mut Context) -> Outcome<Ref<Part>> {
        this.edit(Store::PARTS, ListEdit::Append(p.clone()), cx)?;
        this.set(Store::LAST, p.clone(), cx)?;
        Ok(p.read(cx)?.next.clone())
    }

    pub fn note(
        this: &Ref<Store>,
        k: Kind,
        counts: Map<Text, i32>,
        letters: Set<char>,
        numbers: Bag<i16>,
        cx: &mut Context,
    ) -> Outcome<()> {
        if let Some(server) = this.server()? {
            return call(server, Store::CALL_NOTE, (k, counts, letters, numbers), cx);
        }
        Store::note_exact(this, k, counts, letters, numbers, cx)
    }

    /// Runs `note` of this very class, here.
    pub fn note_exact(
        this: &Ref<Store>,
        k: Kind,
        counts: Map<Text, i32>,
        letters: Set<char>,
        numbers: Bag<i16>,
        cx: &mut Context,
    ) -> Outcome<()> {
        this.set(Store::K, k, cx)?;
        this.set(Store::COUNTS, counts.clone(), cx)?;
        this.set(Store::LETTERS, letters.clone(), cx)?;
        this.set(Store::NUMBERS, numbers.clone(), cx)?;
        Ok(())
    }

    pub fn times(
        this: &Ref<Store>,
        d: Date,
        t: Time,
        at: Timestamp,
        length: Interval,
        cx: &mut Context,
    ) -> Outcome<()> {
        if let Some(server) = this.server()? {
            return call(server, Store::CALL_TIMES, (d, t, at, length), cx);
        }
        Store::times_exact(this, d, t, at, length, cx)
    }

    /// Runs `times` of this very class, here.
    pub fn times_exact(
        this: &Ref<Store>,
        d: Date,
        t: Time,
        at: Timestamp,
        length: Interval,
        cx: &mut Context,
    ) -> Outcome<()> {
        this.set(Store::DAY, d, cx)?;
        this.set(Store::HOUR, t, cx)?;
        this.set(Store::MOMENT, at, cx)?;
        this.set(Store::PAUSE, length, cx)?;
        Ok(())
    }

    pub fn values(
        this: &Ref<Store>,
        b: bool,
        o: u8,
        u: u16,
        v: u32,
        w: u64,
        f: f32,
        e: Error,
        cx: &mut Context,
    ) -> Outcome<()> {
        if let Some(server) = this.server()? {
            return call(server, Store::CALL_VALUES, (b, o, u, v, w, f, e), cx);
        }
        Store::values_exact(this, b, o, u, v, w, f, e, cx)
    }

    /// Runs `values` of this very class, here.
    pub fn values_exact(
        this: &Ref<Store>,
        b: bool,
        o: u8,
        u: u16,
        v: u32,
        w: u64,
        f: f32,
        e: Error,
        cx: &mut Context,
    ) -> Outcome<()> {
        this.set(Store::TRUTH, b, cx)?;
        this.set(Store::BITS, o, cx)?;
        this.set(Store::POSITIVE, int::add(u32::from(u), v)?, cx)?;
        this.set(Store::MOST, w, cx)?;
        this.set(Store::REAL, f, cx)?;
        this.set(Store::REASON, e.clone(), cx)?;
        Ok(())
    }

    pub fn all(this: &Ref<Store>, cx: &mut Context) -> Outcome<List<Text>> {
        if let Some(server) = this.server()? {
            return call(server, Store::CALL_ALL, (), cx);
        }
        Store::all_exact(this, cx)
    }

    /// Runs `all` of this very class, here.
    pub fn all_exact(this: &Ref<Store>, cx: &mut Context) -> Outcome<List<Text>> {
        let mut found: List<Text> = List::new();
        for p in each(this.read(cx)?.parts.clone()) {
            found.append(p.read(cx)?.name.clone());
        }
        Ok(found)
    }

    pub fn self_(this: &Ref<Store>, cx: &mut Context) -> Outcome<Ref<Store>> {
        if let Some(server) = this.server()? {
            return call(server, Store::CALL_SELF_, (), cx);
        }
        Store::self_exact(this, cx)
    }

    /// Runs `self` of this very class, here.
    pub fn self_exact(this: &Ref<Store>, _cx: &mut Context) -> Outcome<Ref<Store>> {
        Ok(this.clone())
    }
}

impl Served for Store {
    fn construct_served(call: &Call<'_>, cx: &mut Context) -> Outcome<Ref<Self>> {
        match call.number {
            Store::CALL_NEW => {
                let (argument_1, argument_2): (Text, i32) = call.arguments(cx)?;
                Store::new(argument_1, argument_2, cx)
            }
            _ => Err(call.unknown()),
        }
    }

    fn serve(this: &Ref<Self>, call: &Call<'_>, cx: &mut Context) -> Outcome<Answer> {
        match call.number {
            Store::CALL_ADD => {
                let (argument_1, argument_2): (Text, f64) = call.arguments(cx)?;
                Store::add_exact(this, argument_1, argument_2, cx)?;
                answer(&(), cx)
            }
            Store::CALL_TAKE => {
                let (argument_1,): (Ref<Part>,) = call.arguments(cx)?;
                let result = Store::take_exact(this, argument_1, cx)?;
                answer(&result, cx)
            }
            Store::CALL_NOTE => {
                let (argument_1, argument_2, argument_3, argument_4): (Kind, Map<Text, i32>, Set<char>, Bag<i16>) =
                    call.arguments(cx)?;
                Store::note_exact(this, argument_1, argument_2, argument_3, argument_4, cx)?;
                answer(&(), cx)
            }
            Store::CALL_TIMES => {
                let (argument_1, argument_2, argument_3, argument_4): (Date, Time, Timestamp, Interval) =
                    call.arguments(cx)?;
                Store::times_exact(this, argument_1, argument_2, argument_3, argument_4, cx)?;
                answer(&(), cx)
            }
            Store::CALL_VALUES => {
                let (argument_1, argument_2, argument_3, argument_4, argument_5, argument_6, argument_7): (bool, u8, u16, u32, u64, f32, Error) =
                    call.arguments(cx)?;
                Store::values_exact(
                    this,
                    argument_1,
                    argument_2,
                    argument_3,
                    argument_4,
                    argument_5,
                    argument_6,
                    argument_7,
                    cx,
                )?;
                answer(&(), cx)
            }
            Store::CALL_ALL => {
                let result = Store::all_exact(this, cx)?;
                answer(&result, cx)
            }
            Store::CALL_SELF_ => {
                let result = Store::self_exact(this, cx)?;
                answer(&result, cx)
            }
            _ => Err(call.unknown()),
        }
    }
}

pub fn program_main(cx: &mut Context) -> Outcome<()> {
    let s = start_server::<Store, _>(
        Store::CALL_NEW,
        (Text::from("a"), 3),
        ServerOptions::default(),
        cx,
    )?;
    Store::add(&s.one()?, Text::from("b"), 1.5, cx)?;
    println(
        format!("{}", show(&Store::all(&s.one()?, cx)?.length())),
        cx,
    );
    Ok(())
}

/// What the runtime knows of this code.
static CODE: Code = Code {
    classes: &[Part::INFO, Wheel::INFO, Full::INFO, Store::INFO],
    positions: positions::POSITIONS,
};

/// What the runtime knows of this program.
static PROGRAM: Program = Program {
    name: "service",
    fingerprint: "0",
    classes: &[ServerClass {
        name: "store",
        calls_servers: false,
        calls_rust: false,
        unreplicable: false,
        blank: || ServerObject::<Store>::boxed(&CODE),
        queries: &[],
        calls: &[
            ("store", 0),
            ("add", 1000),
            ("take", 1001),
            ("note", 1002),
            ("times", 1003),
            ("values", 1004),
            ("all", read_only(1005)),
            ("self", read_only(1006)),
        ],
    }],
    main: start_main,
};

fn main() {
    cmsl_runtime::program::run(&PROGRAM)
}

fn start_main(start: Start) -> i32 {
    run_main(&CODE, start, |cx| {
        program_main(cx)?;
        Ok(0)
    })
}

pub static REGISTERED: &Program = &PROGRAM;
