//! Assignments and changes in place: of variables, of state, and of parts of either.
//!
//! State changes through `set` and `edit`, which log what a change did; a change deep inside a state variable
//! takes the element out, changes it, and puts it back, so that what is logged is that element alone.

use proc_macro2::TokenStream;
use quote::quote;

use super::body::BodyEmitter;
use super::code::{Code, Cx, Level};
use super::ty::is_copy;
use crate::ir::{
    AssignOp, BinaryOp, Expr, ExprKind, FieldId, Mutation, Place, PlaceRoot, PlaceStep, StepKind,
    StepOp, Type,
};

/// A place whose objects and indexes have been evaluated.
struct Prepared {
    /// `let`s that evaluate them.
    before: TokenStream,
    /// The reference to the object that holds the state variable, for `root.set(…)`.
    object: TokenStream,
    /// The index or key of each step; empty for parts of an `error`.
    steps: Vec<TokenStream>,
}

impl BodyEmitter<'_> {
    pub(super) fn assign(&mut self, place: &Place, op: AssignOp, value: &Expr) -> TokenStream {
        let prepared = self.prepare(place);
        let before = &prepared.before;
        let new = match op {
            AssignOp::Set => self.owned(value).tokens,
            AssignOp::Compute(op) => {
                let value = (self.owned(value), value.ty);
                self.computed(place, &prepared, op, value)
            }
        };
        let new = match (place.steps.is_empty(), place.ty, &place.root) {
            // An array keeps its length.
            (true, Type::Array(_), _) => {
                let old = self.read(place, &prepared);
                quote!(#old.assigned(#new)?)
            }
            _ => new,
        };
        let write = self.write(place, &prepared, &new);
        scoped(before, &write)
    }

    /// `place op value`, in the place's type.
    fn computed(
        &mut self,
        place: &Place,
        prepared: &Prepared,
        op: BinaryOp,
        value: (Code, Type),
    ) -> TokenStream {
        let old = Code::atom(self.read(place, prepared), Cx::Reads);
        let shift = matches!(op, BinaryOp::ShiftLeft | BinaryOp::ShiftRight);
        if shift || !place.ty.is_number() || place.ty == value.1 {
            return self.binary(op, (old, place.ty), value).tokens;
        }
        let (wide, narrow) = (self.ty(value.1), self.ty(place.ty));
        let old = old.tokens;
        let old = Code::fallible(quote!(cast::<#wide>(#old)), Cx::Reads);
        let ty = value.1;
        let computed = self.binary(op, (old, ty), value).tokens;
        quote!(cast::<#narrow>(#computed)?)
    }

    /// `++` and `--` as a statement.
    pub(super) fn step_stmt(&mut self, op: StepOp, place: &Place) -> TokenStream {
        let prepared = self.prepare(place);
        let new = self.stepped(op, place, &prepared);
        let write = self.write(place, &prepared, &new);
        scoped(&prepared.before, &write)
    }

    /// `++` and `--` as a value.
    pub(super) fn step_value(&mut self, op: StepOp, place: &Place) -> Code {
        let prepared = self.prepare(place);
        let before = &prepared.before;
        let new = self.stepped(op, place, &prepared);
        let old = self.read(place, &prepared);
        let tokens = match op {
            StepOp::IncrementBefore | StepOp::DecrementBefore => {
                let write = self.write(place, &prepared, &quote!(value));
                quote!({ #before let value = #new; #write value })
            }
            StepOp::IncrementAfter | StepOp::DecrementAfter => {
                let write = self.write(place, &prepared, &new);
                quote!({ #before let value = #old; #write value })
            }
        };
        Code::new(tokens, Level::Block, Cx::Writes)
    }

    fn stepped(&mut self, op: StepOp, place: &Place, prepared: &Prepared) -> TokenStream {
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
        self.binary(op, (old, place.ty), (one, place.ty)).tokens
    }

    pub(super) fn mutate(
        &mut self,
        place: &Place,
        mutation: Mutation,
        arguments: &[Expr],
    ) -> TokenStream {
        let prepared = self.prepare(place);
        let (arguments, _) = self.arguments(arguments);
        let write = match &place.root {
            PlaceRoot::Field(_, field) if place.steps.is_empty() => {
                let edit = edit(mutation, &arguments);
                self.edit_field(*field, &prepared, &edit)
            }
            _ => {
                let change = change(mutation, &arguments);
                self.change(place, &prepared, &change)
            }
        };
        scoped(&prepared.before, &write)
    }

    /// Evaluates the object and the indexes of a place.
    fn prepare(&mut self, place: &Place) -> Prepared {
        let mut before = TokenStream::new();
        let object = match &place.root {
            PlaceRoot::Field(object, field) => {
                let class = self.program().field(*field).class;
                match (&object.kind, object.ty == Type::Class(class)) {
                    (ExprKind::This, true) => quote!(this),
                    (ExprKind::Local(id), true) => {
                        let name = &self.locals[id.index()];
                        quote!(#name)
                    }
                    (kind, same) => {
                        let value = if same {
                            self.owned(object).tokens
                        } else {
                            let receiver = match kind {
                                ExprKind::This => quote!(this),
                                _ => self.place(object).receiver(),
                            };
                            let class = self.emitter.class_path(class, self.here);
                            quote!(#receiver.upcast::<#class>())
                        };
                        before.extend(quote!(let object = #value;));
                        quote!(object)
                    }
                }
            }
            PlaceRoot::Global(_) => {
                before.extend(quote!(let object = cx.globals::<crate::Globals>()?;));
                quote!(object)
            }
            PlaceRoot::Local(_) => TokenStream::new(),
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
                    let code = self.owned(index).tokens;
                    if simple {
                        return code;
                    }
                    let name = if last == 1 {
                        "index".to_owned()
                    } else {
                        format!("index_{number}")
                    };
                    let name = super::name::ident(&name);
                    before.extend(quote!(let #name = #code;));
                    if is_copy(index.ty) {
                        quote!(#name)
                    } else {
                        quote!(#name.clone())
                    }
                }
                StepKind::ErrorCode | StepKind::ErrorMessage => TokenStream::new(),
            })
            .collect();
        Prepared {
            before,
            object,
            steps,
        }
    }

    /// The value of a prepared place.
    fn read(&self, place: &Place, prepared: &Prepared) -> TokenStream {
        self.read_steps(place, prepared, place.steps.len())
    }

    /// The value of a prepared place's first `count` steps.
    fn read_steps(&self, place: &Place, prepared: &Prepared, count: usize) -> TokenStream {
        let root = match &place.root {
            PlaceRoot::Local(id) => {
                let name = &self.locals[id.index()];
                quote!(#name)
            }
            PlaceRoot::Global(id) => {
                let (object, name) = (&prepared.object, self.emitter.names.global_field(*id));
                quote!(#object.read(cx)?.#name)
            }
            PlaceRoot::Field(_, field) => {
                let (object, name) = (&prepared.object, &self.emitter.names.fields[field.index()]);
                quote!(#object.read(cx)?.#name)
            }
        };
        let mut tokens = root;
        let mut ty = place.root_ty;
        for (step, key) in place.steps.iter().zip(&prepared.steps).take(count) {
            tokens = match step.kind {
                StepKind::Index(_) => quote!(#tokens.at(#key)?),
                StepKind::Key(_) => quote!(#tokens.get(&#key)?),
                StepKind::ErrorCode => quote!(#tokens.code),
                StepKind::ErrorMessage => quote!(#tokens.message),
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
            quote!(#tokens.clone())
        } else {
            tokens
        }
    }

    /// Statements that put `new` into a prepared place.
    fn write(&mut self, place: &Place, prepared: &Prepared, new: &TokenStream) -> TokenStream {
        match (&place.root, place.steps.as_slice()) {
            (PlaceRoot::Local(id), []) => {
                let name = &self.locals[id.index()];
                quote!(#name = #new;)
            }
            (PlaceRoot::Global(id), []) => self.set_global(*id, new),
            (PlaceRoot::Field(_, field), []) => self.set_field(*field, prepared, new),
            (PlaceRoot::Field(_, field), [step]) => match edit_of_part(step, prepared, new) {
                Some(edit) => self.edit_field(*field, prepared, &edit),
                None => self.change(place, prepared, &Change::Part(quote!(#new))),
            },
            _ => self.change(place, prepared, &Change::Part(quote!(#new))),
        }
    }

    fn set_global(&self, id: crate::ir::GlobalId, new: &TokenStream) -> TokenStream {
        let name = self.emitter.names.global(id);
        quote!(object.set(crate::Globals::#name, #new, cx)?;)
    }

    fn set_field(&self, field: FieldId, prepared: &Prepared, new: &TokenStream) -> TokenStream {
        let object = &prepared.object;
        let constant = self.field_constant(field);
        match self.program().field(field).inverse {
            Some(inverse) => {
                let inverse = self.field_constant(inverse);
                quote!(#object.relate(#constant, #inverse, #new, cx)?;)
            }
            None => quote!(#object.set(#constant, #new, cx)?;),
        }
    }

    fn edit_field(&self, field: FieldId, prepared: &Prepared, edit: &TokenStream) -> TokenStream {
        let object = &prepared.object;
        let constant = self.field_constant(field);
        match self.program().field(field).inverse {
            Some(inverse) => {
                let inverse = self.field_constant(inverse);
                quote!(#object.relate_by(#constant, #inverse, #edit, cx)?;)
            }
            None => quote!(#object.edit(#constant, #edit, cx)?;),
        }
    }

    /// `Track::CALLSIGN`
    fn field_constant(&self, field: FieldId) -> TokenStream {
        let class = self
            .emitter
            .class_path(self.program().field(field).class, self.here);
        let name = &self.emitter.names.field_constants[field.index()];
        quote!(#class::#name)
    }

    /// Changes a part of a variable: level by level the part is taken out, changed and put back.
    fn change(&mut self, place: &Place, prepared: &Prepared, change: &Change) -> TokenStream {
        let depth = match change {
            Change::Part(_) => place.steps.len(),
            Change::Call(_) => place.steps.len() + 1,
        };
        // The holder of what changes, its holder, and so on up to the root.
        let holder = |level: usize| match (level, &place.root) {
            (0, PlaceRoot::Local(id)) => self.locals[id.index()].clone(),
            (0, _) => super::name::ident("whole"),
            (level, _) => super::name::ident(&format!("part_{level}")),
        };
        let mut tokens = TokenStream::new();
        if !matches!(place.root, PlaceRoot::Local(_)) {
            let (whole, value) = (holder(0), self.read_steps(place, prepared, 0));
            tokens.extend(quote!(let mut #whole = #value;));
        }
        for level in 1..depth {
            let (outer, inner) = (holder(level - 1), holder(level));
            let (step, key) = (&place.steps[level - 1], &prepared.steps[level - 1]);
            let taken = match step.kind {
                StepKind::Index(_) => quote!(#outer.at(#key)?),
                StepKind::Key(_) => quote!(#outer.get(&#key)?),
                StepKind::ErrorCode => quote!(#outer.code),
                StepKind::ErrorMessage => quote!(#outer.message.clone()),
            };
            tokens.extend(quote!(let mut #inner = #taken;));
        }
        let mut new = match change {
            Change::Part(new) => new.clone(),
            Change::Call(call) => {
                let inner = holder(depth - 1);
                tokens.extend(quote!(#inner.#call;));
                quote!(#inner)
            }
        };
        let puts = place.steps.len();
        for level in (0..puts).rev() {
            let outer = holder(level);
            let (step, key) = (&place.steps[level], &prepared.steps[level]);
            let put = match step.kind {
                StepKind::Index(_) => quote!(#outer.put(#key, #new)?),
                StepKind::Key(_) => quote!(#outer.set(#key, #new)),
                StepKind::ErrorCode => quote!(#outer.code = #new),
                StepKind::ErrorMessage => quote!(#outer.message = #new),
            };
            if let (0, PlaceRoot::Field(_, field), Some(edit)) =
                (level, &place.root, edit_of_part(step, prepared, &new))
            {
                let edit = self.edit_field(*field, prepared, &edit);
                tokens.extend(edit);
                return quote!({ #tokens });
            }
            tokens.extend(quote!(#put;));
            new = quote!(#outer);
        }
        match &place.root {
            PlaceRoot::Local(_) => {
                if depth > 1 {
                    quote!({ #tokens })
                } else {
                    tokens
                }
            }
            PlaceRoot::Global(id) => {
                let set = self.set_global(*id, &quote!(whole));
                quote!({ #tokens #set })
            }
            PlaceRoot::Field(_, field) => {
                let set = self.set_field(*field, prepared, &quote!(whole));
                quote!({ #tokens #set })
            }
        }
    }
}

/// How the innermost part changes.
enum Change {
    /// It is replaced by this value.
    Part(TokenStream),
    /// This method call, with `?` if it needs one, changes it.
    Call(TokenStream),
}

/// Statements in a scope of their own if there are variables to hide.
fn scoped(before: &TokenStream, statements: &TokenStream) -> TokenStream {
    if before.is_empty() {
        statements.clone()
    } else {
        quote!({ #before #statements })
    }
}

/// The logged edit that puts a value into a part of a collection.
fn edit_of_part(step: &PlaceStep, prepared: &Prepared, new: &TokenStream) -> Option<TokenStream> {
    let key = prepared.steps.first()?;
    match step.kind {
        StepKind::Index(_) => Some(quote!(ListEdit::Put(#key, #new))),
        StepKind::Key(_) => Some(quote!(MapEdit::Set(#key, #new))),
        StepKind::ErrorCode | StepKind::ErrorMessage => None,
    }
}

/// A change as a logged edit.
fn edit(mutation: Mutation, arguments: &[TokenStream]) -> TokenStream {
    let name = match mutation {
        Mutation::ListAppend => quote!(ListEdit::Append),
        Mutation::ListInsert => quote!(ListEdit::Insert),
        Mutation::ListRemove => quote!(ListEdit::Remove),
        Mutation::ListClear => quote!(ListEdit::Clear),
        Mutation::SetInsert => quote!(SetEdit::Insert),
        Mutation::SetRemove => quote!(SetEdit::Remove),
        Mutation::SetClear => quote!(SetEdit::Clear),
        Mutation::BagInsert => quote!(BagEdit::Insert),
        Mutation::BagRemove => quote!(BagEdit::Remove),
        Mutation::BagClear => quote!(BagEdit::Clear),
        Mutation::MapSet => quote!(MapEdit::Set),
        Mutation::MapRemove => quote!(MapEdit::Remove),
        Mutation::MapClear => quote!(MapEdit::Clear),
    };
    if arguments.is_empty() {
        name
    } else {
        quote!(#name(#(#arguments),*))
    }
}

/// A change as a method call on the collection.
fn change(mutation: Mutation, arguments: &[TokenStream]) -> Change {
    Change::Call(match mutation {
        Mutation::ListAppend => quote!(append(#(#arguments),*)),
        Mutation::ListInsert => quote!(insert(#(#arguments),*)?),
        Mutation::ListRemove => quote!(remove(#(#arguments),*)?),
        Mutation::SetInsert | Mutation::BagInsert => quote!(insert(#(#arguments),*)),
        Mutation::SetRemove | Mutation::BagRemove | Mutation::MapRemove => {
            quote!(remove(#(&#arguments),*))
        }
        Mutation::MapSet => quote!(set(#(#arguments),*)),
        Mutation::ListClear | Mutation::SetClear | Mutation::BagClear | Mutation::MapClear => {
            quote!(clear())
        }
    })
}
