//! Relations with an inverse: a change of one side changes the other.
//!
//! Invariant, kept by every change through [`Ref::relate`] and [`Ref::relate_by`]: for local objects a and b, b is a
//! member of a's side exactly if a is a member of b's.

use super::class::{Class, Field};
use super::context::Context;
use super::exception::Outcome;
use super::graph::Encoder;
use super::reference::{Identity, Item, Ref};
use crate::value::{Bag, BagEdit, Edit, List, ListEdit, SET, Set, SetEdit, Value};
use std::collections::BTreeMap;

/// A side of a relation: a reference, or a collection of references.
pub trait Related<D: Class>: Value {
    /// How a member is added and taken away.
    type Change: Edit<Self>;

    /// Whether it holds one object at most, so that a new member takes the place of the old.
    const ONE: bool;

    /// The objects that it relates to.
    fn members(&self) -> List<Ref<D>>;

    /// The change that adds a member; `None` if it is there.
    fn adding(&self, member: &Ref<D>) -> Option<Self::Change>;

    /// The change that takes a member away; `None` if it is not there.
    fn removing(&self, member: &Ref<D>) -> Option<Self::Change>;
}

/// A whole value in the place of another, as an edit.
pub struct Replace<T>(T);

impl<T: Value> Edit<T> for Replace<T> {
    fn perform(&self, value: &mut T) -> Outcome<()> {
        *value = self.0.clone();
        Ok(())
    }

    fn log(&self, out: &mut Encoder) {
        out.out().u8(SET);
        self.0.write(out);
    }
}

impl<D: Class> Related<D> for Ref<D> {
    type Change = Replace<Ref<D>>;
    const ONE: bool = true;

    fn members(&self) -> List<Ref<D>> {
        let alone = |item: &Item| Ref::group(vec![item.clone()]);
        self.items().iter().map(alone).collect()
    }

    fn adding(&self, member: &Ref<D>) -> Option<Replace<Ref<D>>> {
        (self != member).then(|| Replace(member.clone()))
    }

    fn removing(&self, member: &Ref<D>) -> Option<Replace<Ref<D>>> {
        (self == member).then(|| Replace(Ref::null()))
    }
}

impl<D: Class> Related<D> for List<Ref<D>> {
    type Change = ListEdit<Ref<D>>;
    const ONE: bool = false;

    fn members(&self) -> List<Ref<D>> {
        self.clone()
    }

    fn adding(&self, member: &Ref<D>) -> Option<ListEdit<Ref<D>>> {
        (!self.contains(member)).then(|| ListEdit::Append(member.clone()))
    }

    fn removing(&self, member: &Ref<D>) -> Option<ListEdit<Ref<D>>> {
        let position = self.iter().position(|other| other == member)?;
        i64::try_from(position).ok().map(ListEdit::Remove)
    }
}

impl<D: Class> Related<D> for Set<Ref<D>> {
    type Change = SetEdit<Ref<D>>;
    const ONE: bool = false;

    fn members(&self) -> List<Ref<D>> {
        self.elements()
    }

    fn adding(&self, member: &Ref<D>) -> Option<SetEdit<Ref<D>>> {
        (!self.contains(member)).then(|| SetEdit::Insert(member.clone()))
    }

    fn removing(&self, member: &Ref<D>) -> Option<SetEdit<Ref<D>>> {
        self.contains(member)
            .then(|| SetEdit::Remove(member.clone()))
    }
}

impl<D: Class> Related<D> for Bag<Ref<D>> {
    type Change = BagEdit<Ref<D>>;
    const ONE: bool = false;

    fn members(&self) -> List<Ref<D>> {
        self.elements()
    }

    fn adding(&self, member: &Ref<D>) -> Option<BagEdit<Ref<D>>> {
        (!self.contains(member)).then(|| BagEdit::Insert(member.clone()))
    }

    fn removing(&self, member: &Ref<D>) -> Option<BagEdit<Ref<D>>> {
        self.contains(member)
            .then(|| BagEdit::Remove(member.clone()))
    }
}

#[track_caller]
fn local_members<C, D, A>(this: &Ref<C>, field: Field<C, A>, cx: &Context) -> Outcome<Members<D>>
where
    C: Class,
    D: Class,
    A: Related<D>,
{
    let members = (field.of)(this.read(cx)?).members();
    let local = members
        .into_iter()
        .filter_map(|member| match member.first() {
            Item::Local(handle) => Some((Identity::Local(handle.id), member.clone())),
            Item::Null | Item::Server(_) => None,
        });
    Ok(local.collect())
}

type Members<D> = BTreeMap<Identity, Ref<D>>;

impl<T: Class> Ref<T> {
    /// Gives one side of a relation a new value, and changes the other sides accordingly.
    ///
    /// # Errors
    /// `null_reference`
    #[track_caller]
    pub fn relate<C, D, A, B>(
        &self,
        field: Field<C, A>,
        inverse: Field<D, B>,
        value: A,
        cx: &mut Context,
    ) -> Outcome<()>
    where
        C: Class,
        D: Class,
        A: Related<D>,
        B: Related<C>,
    {
        self.relate_by(field, inverse, Replace(value), cx)
    }

    /// Changes one side of a relation in place, and the other sides accordingly.
    ///
    /// # Errors
    /// `null_reference`, and what the edit raises.
    #[track_caller]
    pub fn relate_by<C, D, A, B>(
        &self,
        field: Field<C, A>,
        inverse: Field<D, B>,
        edit: impl Edit<A>,
        cx: &mut Context,
    ) -> Outcome<()>
    where
        C: Class,
        D: Class,
        A: Related<D>,
        B: Related<C>,
    {
        let this: Ref<C> = Ref::group(vec![self.first().clone()]);
        let before = local_members(&this, field, cx)?;
        this.edit(field, edit, cx)?;
        let after = local_members(&this, field, cx)?;
        for (identity, member) in &before {
            if !after.contains_key(identity)
                && let Some(change) = (inverse.of)(member.read(cx)?).removing(&this)
            {
                member.edit(inverse, change, cx)?;
            }
        }
        for (identity, member) in &after {
            if !before.contains_key(identity) {
                join(&this, field, member, inverse, cx)?;
            }
        }
        Ok(())
    }
}

/// `member` has come to `this`: `this` comes to `member`, which leaves the one it was with if it can be
/// with one only.
#[track_caller]
fn join<C, D, A, B>(
    this: &Ref<C>,
    field: Field<C, A>,
    member: &Ref<D>,
    inverse: Field<D, B>,
    cx: &mut Context,
) -> Outcome<()>
where
    C: Class,
    D: Class,
    A: Related<D>,
    B: Related<C>,
{
    let side = (inverse.of)(member.read(cx)?);
    let former = if B::ONE {
        side.members().first().ok()
    } else {
        None
    };
    let change = side.adding(this);
    if let Some(former) = former
        && former != *this
        && matches!(former.first(), Item::Local(_))
        && let Some(change) = (field.of)(former.read(cx)?).removing(member)
    {
        former.edit(field, change, cx)?;
    }
    if let Some(change) = change {
        member.edit(inverse, change, cx)?;
    }
    Ok(())
}
