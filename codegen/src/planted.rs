//! Faults that can be planted in the compiler, to see that the tests find them.
//!
//! Without the crate feature `mutants` there are none, and every place that asks for one is compiled to `false`. With it a fault is
//! planted for what one thread does inside `with`.

/// One plantable fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(
    not(feature = "mutants"),
    expect(missing_docs, reason = "never planted in this build")
)]
#[cfg_attr(
    feature = "mutants",
    expect(missing_docs, reason = "each is described by `Mutant::what`")
)]
pub enum Mutant {
    AddSubtracts,
    OverflowWraps,
    ShiftUnbounded,
    CastUnchecked,
    WideningKeepsLowBits,
    RightOperandFirst,
    ShortCircuitLost,
    BothBranchesEvaluated,
    LessTakesEqual,
    NanEqualsItself,
    NullNeverFound,
    StepYieldsNew,
    CompoundForgetsOld,
    GroupIndexIsFirst,
    SwitchNeverFalls,
    SwitchForgetsDefault,
    ForEveryIncludesEnd,
    ForEveryForgetsStart,
    DoTestsFirst,
    LastCatchFirst,
    VirtualCallsBase,
    BaseConstructorSkipped,
    InitialValuesForgotten,
    OverloadTakesFirst,
    PreSkipped,
    PostSkipped,
    InvariantSkipped,
    InverseForgotten,
    AttributeNotCopied,
    TemplateBackwards,
    ServerIsLocal,
    ToleranceForgotten,
    RaisingCommandsComplete,
    LoopVariableShared,
}

#[cfg(feature = "mutants")]
std::thread_local! {
    static PLANTED: std::cell::Cell<Option<Mutant>> = const { std::cell::Cell::new(None) };
}

/// Runs something with a fault planted.
#[cfg(feature = "mutants")]
pub fn with<T>(mutant: Mutant, run: impl FnOnce() -> T) -> T {
    let before = PLANTED.replace(Some(mutant));
    let outcome = run();
    PLANTED.set(before);
    outcome
}

/// Whether this fault is planted.
#[cfg(feature = "mutants")]
#[must_use]
pub(crate) fn is(mutant: Mutant) -> bool {
    PLANTED.get() == Some(mutant)
}

/// Whether this fault is planted.
#[cfg(not(feature = "mutants"))]
#[must_use]
pub(crate) const fn is(_mutant: Mutant) -> bool {
    false
}

#[cfg(feature = "mutants")]
impl Mutant {
    /// All of them.
    pub const ALL: [Mutant; 34] = [
        Mutant::AddSubtracts,
        Mutant::OverflowWraps,
        Mutant::ShiftUnbounded,
        Mutant::CastUnchecked,
        Mutant::WideningKeepsLowBits,
        Mutant::RightOperandFirst,
        Mutant::ShortCircuitLost,
        Mutant::BothBranchesEvaluated,
        Mutant::LessTakesEqual,
        Mutant::NanEqualsItself,
        Mutant::NullNeverFound,
        Mutant::StepYieldsNew,
        Mutant::CompoundForgetsOld,
        Mutant::GroupIndexIsFirst,
        Mutant::SwitchNeverFalls,
        Mutant::SwitchForgetsDefault,
        Mutant::ForEveryIncludesEnd,
        Mutant::ForEveryForgetsStart,
        Mutant::DoTestsFirst,
        Mutant::LastCatchFirst,
        Mutant::VirtualCallsBase,
        Mutant::BaseConstructorSkipped,
        Mutant::InitialValuesForgotten,
        Mutant::OverloadTakesFirst,
        Mutant::PreSkipped,
        Mutant::PostSkipped,
        Mutant::InvariantSkipped,
        Mutant::InverseForgotten,
        Mutant::AttributeNotCopied,
        Mutant::TemplateBackwards,
        Mutant::ServerIsLocal,
        Mutant::ToleranceForgotten,
        Mutant::RaisingCommandsComplete,
        Mutant::LoopVariableShared,
    ];

    /// What is wrong with it.
    #[must_use]
    pub fn what(self) -> &'static str {
        match self {
            Mutant::AddSubtracts => "`+` of integers subtracts",
            Mutant::OverflowWraps => "`+` of integers wraps",
            Mutant::ShiftUnbounded => "a shift by the width or more is taken modulo the width",
            Mutant::CastUnchecked => "a cast to an integer type drops what does not fit",
            Mutant::WideningKeepsLowBits => "an integer that widens keeps its low 7 bits",
            Mutant::RightOperandFirst => "the right operand of integers is evaluated first",
            Mutant::ShortCircuitLost => "`&&` and `||` evaluate both operands",
            Mutant::BothBranchesEvaluated => "`?:` evaluates both values",
            Mutant::LessTakesEqual => "`<` holds of equal values",
            Mutant::NanEqualsItself => "`==` of doubles compares bits",
            Mutant::NullNeverFound => "`x == null` never holds",
            Mutant::StepYieldsNew => "`x++` yields the new value",
            Mutant::CompoundForgetsOld => "`x op= e` assigns e",
            Mutant::GroupIndexIsFirst => "`x[i]` of a reference is `x[0]`",
            Mutant::SwitchNeverFalls => "a `case` without `break` ends the switch",
            Mutant::SwitchForgetsDefault => "`default` takes nothing",
            Mutant::ForEveryIncludesEnd => "`i < n` of `for every` includes n",
            Mutant::ForEveryForgetsStart => "`m <= i` of `for every` excludes m",
            Mutant::DoTestsFirst => "`do` tests before its first turn",
            Mutant::LastCatchFirst => "the last fitting `catch` takes an exception",
            Mutant::VirtualCallsBase => "a call runs the method of the static class",
            Mutant::BaseConstructorSkipped => "the constructor of the base does not run",
            Mutant::InitialValuesForgotten => "attributes start as zero in spite of initial values",
            Mutant::OverloadTakesFirst => "of overloads the first that fits is called",
            Mutant::PreSkipped => "`pre` is not evaluated",
            Mutant::PostSkipped => "`post` is not evaluated",
            Mutant::InvariantSkipped => "`invariant` is not evaluated",
            Mutant::InverseForgotten => "the inverse of a relation is not kept",
            Mutant::AttributeNotCopied => "the last attribute of a class stays behind in copies",
            Mutant::TemplateBackwards => "arguments of a template are filled in backwards",
            Mutant::ServerIsLocal => "`server C` makes a local object",
            Mutant::ToleranceForgotten => "`tolerance` is not handed on",
            Mutant::RaisingCommandsComplete => {
                "a command that raises completes, with what it has changed"
            }
            Mutant::LoopVariableShared => "the turns of `for every` share their variable",
        }
    }
}
