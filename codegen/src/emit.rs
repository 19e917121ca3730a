//! IR → Rust: one file a construct. (Being written: names, types, expressions, statements, classes, functions
//! and the program's registration; `emit/external.rs` and the package come after.)
//!
//! What the printed code asks of the prelude, beyond the values: functions with the **context last**
//! (`Track::add_point(&this, point, cx)`), so that arguments may use it before the call does;
//! `cx.read(&r)?.field`, `cx.set(&r, C::FIELD, v)?`, `cx.edit(&r, C::FIELD, ListEdit::Append(v))?`,
//! `cx.create(C::default())`, `r.server()`, `cx.call(server, C::METHOD, (a, b))?`, `attempt(|| …)`,
//! `cx.caught::<C>(&raised)`, `precondition(holds, "class track: p != null")?`, `for x in each(collection)`.
