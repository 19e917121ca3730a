//! Assignments and changes in place: of variables, of state, and of parts of either.
//!
//! State changes through `set` and `edit`, which log what a change did; a change deep inside a state variable
//! takes the element out, changes it, and puts it back, so that what is logged is that element alone.

use super::body::BodyEmitter;
use super::code::{Code, Cx, Level};
use super::ty::is_copy;
use crate::format::{Tokens, commas, rust};
use crate::ir::{
    AssignOp, BinaryOp, Expr, ExprKind, FieldId, Mutation, Place, PlaceRoot, PlaceStep, StepKind,
    StepOp, Type,
};
use crate::planted::{Mutant, is};

/// A place whose objects and indexes have been evaluated.
struct Prepared {
    /// `let`s that evaluate them.
    before: Tokens,
    /// The reference to the object that holds the state variable, for `root.set(…)`.
    object: Tokens,
    /// The index or key of each step; empty for parts of an `error`.
    steps: Vec<Tokens>,
}

impl BodyEmitter<'_> {
    pub(super) fn assign(&mut self, place: &Place, op: AssignOp, value: &Expr) -> Tokens {
        if let Some(computed) = self.computed_in_place(place, op, value) {
            return computed;
        }
        let prepared = self.prepare(place);
        let new = match op {
            AssignOp::Set => self.owned(value).value(),
            AssignOp::Compute(_) if place.ty == value.ty && is(Mutant::CompoundForgetsOld) => {
                self.owned(value).value()
            }
            AssignOp::Compute(op) => {
                let value = (self.owned(value), value.ty);
                self.computed(place, &prepared, op, value)
            }
        };
        let new = match (place.steps.is_empty(), place.ty, &place.root) {
            // An array keeps its length.
            (true, Type::Array(_), _) => {
                let old = self.read(place, &prepared);
                rust!(#old.assigned(#new)?)
            }
            _ => new,
        };
        let write = self.write(place, &prepared, new);
        scoped(prepared.before, write)
    }

    /// `place op value`, in the place's type.
    fn computed(
        &mut self,
        place: &Place,
        prepared: &Prepared,
        op: BinaryOp,
        value: (Code, Type),
    ) -> Tokens {
        let old = Code::atom(self.read(place, prepared), Cx::Reads);
        let shift = matches!(op, BinaryOp::ShiftLeft | BinaryOp::ShiftRight);
        if shift || !place.ty.is_number() || place.ty == value.1 {
            return self.binary(op, (old, place.ty), value).value();
        }
        let (wide, narrow) = (self.ty(value.1), self.ty(place.ty));
        let old = old.value();
        let old = Code::fallible(rust!(cast::<#wide>(#old)), Cx::Reads);
        let ty = value.1;
        let computed = self.binary(op, (old, ty), value).value();
        rust!(cast::<#narrow>(#computed)?)
    }

    /// `++` and `--` as a statement.
    pub(super) fn step_stmt(&mut self, op: StepOp, place: &Place) -> Tokens {
        if let Some(stepped) = self.stepped_in_place(op, place) {
            return stepped;
        }
        let prepared = self.prepare(place);
        let new = self.stepped(op, place, &prepared);
        let write = self.write(place, &prepared, new);
        scoped(prepared.before, write)
    }

    /// `++` and `--` as a value.
    pub(super) fn step_value(&mut self, op: StepOp, place: &Place) -> Code {
        let prepared = self.prepare(place);
        let new = self.stepped(op, place, &prepared);
        let (value, write) = match op {
            StepOp::IncrementBefore | StepOp::DecrementBefore => {
                (new, self.write(place, &prepared, rust!(value)))
            }
            StepOp::IncrementAfter | StepOp::DecrementAfter if is(Mutant::StepYieldsNew) => {
                (new, self.write(place, &prepared, rust!(value)))
            }
            StepOp::IncrementAfter | StepOp::DecrementAfter => {
                let old = self.read(place, &prepared);
                let write = self.stepped_in_place(op, place);
                (
                    old,
                    write.unwrap_or_else(|| self.write(place, &prepared, new)),
                )
            }
        };
        let before = prepared.before;
        let tokens = rust!({ #before let value = #value; #write value });
        Code::new(tokens, Level::Block, Cx::Writes)
    }

    fn stepped(&mut self, op: StepOp, place: &Place, prepared: &Prepared) -> Tokens {
        let old = Code::atom(self.read(place, prepared), Cx::Reads);
        let one = if place.ty.is_integer() {
            super::expr::integer(1, place.ty)
        } else {
            self.literal(&crate::ir::Literal::Float(1.0), place.ty)
        };
        let op = match op {
            StepOp::IncrementBefore | StepOp::IncrementAfter => BinaryOp::Add,
            StepOp::DecrementBefore | StepOp::DecrementAfter => BinaryOp::Subtract,
        };
        self.binary(op, (old, place.ty), (one, place.ty)).value()
    }

    pub(super) fn mutate(
        &mut self,
        place: &Place,
        mutation: Mutation,
        arguments: &[Expr],
    ) -> Tokens {
        let prepared = self.prepare(place);
        let arguments: Vec<Code> = arguments.iter().map(|one| self.owned(one)).collect();
        let write = match &place.root {
            PlaceRoot::Field(_, field) if place.steps.is_empty() => {
                let edit = edit(mutation, arguments.into_iter().map(Code::value).collect());
                self.edit_field(*field, &prepared, edit)
            }
            _ => {
                let change = change(mutation, arguments);
                self.change(place, &prepared, change)
            }
        };
        scoped(prepared.before, write)
    }

    /// Evaluates the object and the indexes of a place.
    fn prepare(&mut self, place: &Place) -> Prepared {
        let mut before = rust!();
        let object = match &place.root {
            PlaceRoot::Field(object, field) => {
                let class = self.program().field(*field).class;
                match (&object.kind, object.ty == Type::Class(class)) {
                    (ExprKind::This, true) => rust!(this),
                    (ExprKind::Local(id), true) => {
                        let name = &self.locals[id.index()];
                        rust!(#name)
                    }
                    (kind, same) => {
                        let value = if same {
                            self.owned(object).value()
                        } else {
                            let receiver = match kind {
                                ExprKind::This => rust!(this),
                                _ => self.place(object).receiver(),
                            };
                            let class = self.emitter.class_path(class, self.here);
                            rust!(#receiver.upcast::<#class>())
                        };
                        before.append(rust!(let object = #value;));
                        rust!(object)
                    }
                }
            }
            PlaceRoot::Global(_) => {
                let root = self.emitter.root();
                before.append(rust!(let object = cx.globals::<#root Globals>()?;));
                rust!(object)
            }
            PlaceRoot::Local(_) => rust!(),
        };
        let last = place.steps.len();
        let steps = place
            .steps
            .iter()
            .zip(1..)
            .map(|(step, number)| match &step.kind {
                StepKind::Index(index) | StepKind::Key(index) => {
                    let simple = matches!(index.kind, ExprKind::Literal(_))
                        || (matches!(index.kind, ExprKind::Local(_)) && is_copy(index.ty));
                    let code = self.owned(index).value();
                    if simple {
                        return code;
                    }
                    let name = if last == 1 {
                        "index".to_owned()
                    } else {
                        format!("key_{number}")
                    };
                    let name = &super::name::ident(&name);
                    before.append(rust!(let #name = #code;));
                    if is_copy(index.ty) {
                        rust!(#name)
                    } else {
                        rust!(#name.clone())
                    }
                }
                StepKind::ErrorCode | StepKind::ErrorMessage => rust!(),
            })
            .collect();
        Prepared {
            before,
            object,
            steps,
        }
    }

    /// The value of a prepared place.
    fn read(&self, place: &Place, prepared: &Prepared) -> Tokens {
        self.read_steps(place, prepared, place.steps.len())
    }

    /// The value of a prepared place's first `count` steps.
    fn read_steps(&self, place: &Place, prepared: &Prepared, count: usize) -> Tokens {
        let root = match &place.root {
            PlaceRoot::Local(id) => {
                let name = &self.locals[id.index()];
                rust!(#name)
            }
            PlaceRoot::Global(id) => {
                let (object, name) = (&prepared.object, self.emitter.names.global_field(*id));
                rust!(#object.read(cx)?.#name)
            }
            PlaceRoot::Field(_, field) => {
                let (object, name) = (&prepared.object, &self.emitter.names.fields[field.index()]);
                rust!(#object.read(cx)?.#name)
            }
        };
        let mut tokens = root;
        let mut ty = place.root_ty;
        for (step, key) in place.steps.iter().zip(&prepared.steps).take(count) {
            tokens = match step.kind {
                StepKind::Index(_) => rust!(#tokens.at(#key)?),
                StepKind::Key(_) => rust!(#tokens.get(&#key)?),
                StepKind::ErrorCode => rust!(#tokens.code),
                StepKind::ErrorMessage => rust!(#tokens.message),
            };
            ty = step.ty;
        }
        // `at` and `get` give copies; a variable, a state variable and a message are places.
        let is_place = match place
            .steps
            .iter()
            .take(count)
            .next_back()
            .map(|step| &step.kind)
        {
            Some(StepKind::Index(_) | StepKind::Key(_)) => false,
            Some(StepKind::ErrorCode | StepKind::ErrorMessage) => true,
            None => true,
        };
        if is_place && !is_copy(ty) {
            rust!(#tokens.clone())
        } else {
            tokens
        }
    }

    /// Statements that put `new` into a prepared place.
    fn write(&mut self, place: &Place, prepared: &Prepared, new: Tokens) -> Tokens {
        match (&place.root, place.steps.as_slice()) {
            (PlaceRoot::Local(id), []) => {
                let name = &self.locals[id.index()];
                rust!(#name = #new;)
            }
            (PlaceRoot::Global(id), []) => self.set_global(*id, new),
            (PlaceRoot::Field(_, field), []) => self.set_field(*field, prepared, new),
            (PlaceRoot::Field(_, field), [step]) if is_logged(step) => {
                let edit = edit_of_part(step, prepared, new);
                self.edit_field(*field, prepared, edit)
            }
            _ => self.change(place, prepared, Change::Part(new)),
        }
    }

    fn set_global(&self, id: crate::ir::GlobalId, new: Tokens) -> Tokens {
        let name = self.emitter.names.global(id);
        let root = self.emitter.root();
        rust!(object.set(#root Globals::#name, #new, cx)?;)
    }

    fn set_field(&self, field: FieldId, prepared: &Prepared, new: Tokens) -> Tokens {
        let object = &prepared.object;
        let constant = self.field_constant(field);
        match self.kept_inverse(field) {
            Some(inverse) => {
                let inverse = self.field_constant(inverse);
                rust!(#object.relate(#constant, #inverse, #new, cx)?;)
            }
            None => rust!(#object.set(#constant, #new, cx)?;),
        }
    }

    /// The other side of a relation.
    fn kept_inverse(&self, field: FieldId) -> Option<FieldId> {
        let inverse = self.program().field(field).inverse;
        inverse.filter(|_| !is(Mutant::InverseForgotten))
    }

    fn edit_field(&self, field: FieldId, prepared: &Prepared, edit: Tokens) -> Tokens {
        let object = &prepared.object;
        let constant = self.field_constant(field);
        match self.kept_inverse(field) {
            Some(inverse) => {
                let inverse = self.field_constant(inverse);
                rust!(#object.relate_by(#constant, #inverse, #edit, cx)?;)
            }
            None => rust!(#object.edit(#constant, #edit, cx)?;),
        }
    }

    /// `Track::CALLSIGN`
    fn field_constant(&self, field: FieldId) -> Tokens {
        let class = self
            .emitter
            .class_path(self.program().field(field).class, self.here);
        let name = &self.emitter.names.field_constants[field.index()];
        rust!(#class::#name)
    }

    /// Changes a part of a variable: level by level the part is taken out, changed and put back.
    fn change(&mut self, place: &Place, prepared: &Prepared, change: Change) -> Tokens {
        let depth = match &change {
            Change::Part(_) => place.steps.len(),
            Change::Call(_) => place.steps.len() + 1,
        };
        // The holder of what changes, its holder, and so on up to the root.
        let holder = |level: usize| match (level, &place.root) {
            (0, PlaceRoot::Local(id)) => self.locals[id.index()].clone(),
            (0, _) => super::name::ident("whole"),
            (level, _) => super::name::ident(&format!("part_{level}")),
        };
        let mut tokens = rust!();
        if !matches!(place.root, PlaceRoot::Local(_)) {
            let (whole, value) = (holder(0), self.read_steps(place, prepared, 0));
            // What is put back element by element is itself not changed.
            let is_logged_here = matches!(place.root, PlaceRoot::Field(..))
                && place.steps.first().is_some_and(is_logged);
            let mutable = (!is_logged_here).then(|| rust!(mut));
            tokens.append(rust!(let #mutable #whole = #value;));
        }
        for level in 1..depth {
            let (outer, inner) = (holder(level - 1), holder(level));
            let (step, key) = (&place.steps[level - 1], &prepared.steps[level - 1]);
            let taken = match step.kind {
                StepKind::Index(_) => rust!(#outer.at(#key)?),
                StepKind::Key(_) => rust!(#outer.get(&#key)?),
                StepKind::ErrorCode => rust!(#outer.code),
                StepKind::ErrorMessage => rust!(#outer.message.clone()),
            };
            tokens.append(rust!(let mut #inner = #taken;));
        }
        let mut new = match change {
            Change::Part(new) => new,
            Change::Call(call) => {
                let inner = &holder(depth - 1);
                tokens.append(rust!(#inner.#call;));
                rust!(#inner)
            }
        };
        let puts = place.steps.len();
        for level in (0..puts).rev() {
            let outer = &holder(level);
            let (step, key) = (&place.steps[level], &prepared.steps[level]);
            if let (0, PlaceRoot::Field(_, field)) = (level, &place.root)
                && is_logged(step)
            {
                let edit = edit_of_part(step, prepared, new);
                tokens.append(self.edit_field(*field, prepared, edit));
                return rust!({ #tokens });
            }
            let put = match step.kind {
                StepKind::Index(_) => rust!(#outer.put(#key, #new)?),
                StepKind::Key(_) => rust!(#outer.set(#key, #new)),
                StepKind::ErrorCode => rust!(#outer.code = #new),
                StepKind::ErrorMessage => rust!(#outer.message = #new),
            };
            tokens.append(rust!(#put;));
            new = rust!(#outer);
        }
        match &place.root {
            PlaceRoot::Local(_) => {
                if depth > 1 {
                    rust!({ #tokens })
                } else {
                    tokens
                }
            }
            PlaceRoot::Global(id) => {
                let set = self.set_global(*id, rust!(whole));
                rust!({ #tokens #set })
            }
            PlaceRoot::Field(_, field) => {
                let set = self.set_field(*field, prepared, rust!(whole));
                rust!({ #tokens #set })
            }
        }
    }
}

/// How the innermost part changes.
enum Change {
    /// It is replaced by this value.
    Part(Tokens),
    /// This method call, with `?` if it needs one, changes it.
    Call(Tokens),
}

/// Statements in a scope of their own if there are variables to hide.
fn scoped(before: Tokens, statements: Tokens) -> Tokens {
    if before.is_empty() {
        statements
    } else {
        rust!({ #before #statements })
    }
}

/// Whether a part is changed by a logged edit of its whole.
fn is_logged(step: &PlaceStep) -> bool {
    matches!(step.kind, StepKind::Index(_) | StepKind::Key(_))
}

/// The logged edit that puts a value into a part of a collection.
fn edit_of_part(step: &PlaceStep, prepared: &Prepared, new: Tokens) -> Tokens {
    let key = prepared.steps.first();
    match step.kind {
        StepKind::Index(_) => rust!(ListEdit::Put(#key, #new)),
        _ => rust!(MapEdit::Set(#key, #new)),
    }
}

/// A change as a logged edit.
fn edit(mutation: Mutation, arguments: Vec<Tokens>) -> Tokens {
    let name = match mutation {
        Mutation::ListAppend => rust!(ListEdit::Append),
        Mutation::ListInsert => rust!(ListEdit::Insert),
        Mutation::ListRemove => rust!(ListEdit::Remove),
        Mutation::ListClear => rust!(ListEdit::Clear),
        Mutation::SetInsert => rust!(SetEdit::Insert),
        Mutation::SetRemove => rust!(SetEdit::Remove),
        Mutation::SetClear => rust!(SetEdit::Clear),
        Mutation::BagInsert => rust!(BagEdit::Insert),
        Mutation::BagRemove => rust!(BagEdit::Remove),
        Mutation::BagClear => rust!(BagEdit::Clear),
        Mutation::MapSet => rust!(MapEdit::Set),
        Mutation::MapRemove => rust!(MapEdit::Remove),
        Mutation::MapClear => rust!(MapEdit::Clear),
    };
    if arguments.is_empty() {
        name
    } else {
        let arguments = commas(arguments);
        rust!(#name(#arguments))
    }
}

/// A change as a method call on the collection.
fn change(mutation: Mutation, arguments: Vec<Code>) -> Change {
    let by_reference = matches!(
        mutation,
        Mutation::SetRemove | Mutation::BagRemove | Mutation::MapRemove
    );
    let arguments = commas(arguments.into_iter().map(|argument| {
        if by_reference {
            argument.reference()
        } else {
            argument.value()
        }
    }));
    Change::Call(match mutation {
        Mutation::ListAppend => rust!(append(#arguments)),
        Mutation::ListInsert => rust!(insert(#arguments)?),
        Mutation::ListRemove => rust!(remove(#arguments)?),
        Mutation::SetInsert | Mutation::BagInsert => rust!(insert(#arguments)),
        Mutation::SetRemove | Mutation::BagRemove | Mutation::MapRemove => {
            rust!(remove(#arguments))
        }
        Mutation::MapSet => rust!(set(#arguments)),
        Mutation::ListClear | Mutation::SetClear | Mutation::BagClear | Mutation::MapClear => {
            rust!(clear())
        }
    })
}
