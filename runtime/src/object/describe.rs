//! A state as text, for a person who looks at it: the root's variables, then the objects that they lead to.

use super::class::Object;
use super::heap::Heap;
use super::reference::Handle;
use super::tracer::{Met, Tracer};
use std::collections::{BTreeSet, VecDeque};
use std::fmt::{self, Write as _};
use std::sync::Arc;

/// No more objects are described.
const OBJECTS_MAX: usize = 50;

impl Heap {
    /// The state, an object a line: the server without its class, the others by the ids under which the values name them.
    pub(crate) fn describe(&self) -> String {
        let Some(root) = self.root() else {
            return "no state yet".to_owned();
        };
        let mut text = String::new();
        let mut met = BTreeSet::from([root.id]);
        let mut waiting = VecDeque::from([Arc::clone(root)]);
        let mut described = 0;
        while let Some(handle) = waiting.pop_front() {
            if described == OBJECTS_MAX {
                let _ = write!(text, "\n… and more objects");
                break;
            }
            let Some(object) = self.object(&handle) else {
                continue;
            };
            if described > 0 {
                let _ = write!(text, "\n#{} {} ", handle.id, object.class_name());
            }
            described += 1;
            let _ = write!(text, "{}", self.variables(object));
            object.all(&mut |attribute| {
                attribute.trace(&mut Tracer::new(&mut |met_here| {
                    if let Met::Handle { handle, .. } = met_here
                        && met.insert(handle.id)
                    {
                        waiting.push_back(Handle::clone(handle));
                    }
                }));
            });
        }
        text
    }

    /// The variables of one object, with their names.
    fn variables<'a>(&'a self, object: &'a dyn Object) -> impl fmt::Display + 'a {
        let number = self.class_number(object.class_name());
        let names = number.and_then(|number| self.class_at(number));
        let names = names.map_or(&[] as &[&str], |info| info.attributes);
        fmt::from_fn(move |f| {
            f.write_str("{ ")?;
            let mut result = Ok(());
            let mut place = 0;
            object.all(&mut |attribute| {
                let comma = if place == 0 { "" } else { ", " };
                let name = names.get(place).copied().unwrap_or("?");
                result = result
                    .and_then(|()| write!(f, "{comma}{name} = "))
                    .and_then(|()| attribute.describe(f));
                place += 1;
            });
            result?;
            f.write_str(if place == 0 { "}" } else { " }" })
        })
    }
}
