//! Types, and the paths of items as seen from a module.

use proc_macro2::TokenStream;
use quote::quote;

use super::Emitter;
use crate::ir::{ClassId, ClassKind, EnumId, ModuleId, Type};

impl Emitter<'_> {
    /// What stands before the name of an item of a module, where code of another is printed.
    pub(super) fn prefix(&self, item: ModuleId, here: ModuleId) -> TokenStream {
        if item == here {
            return TokenStream::new();
        }
        let mut path = Vec::new();
        let mut next = Some(item);
        while let Some(id) = next.filter(|id| id.index() != 0) {
            path.push(&self.names.modules[id.index()]);
            next = self.program.module(id).parent;
        }
        let path = path.iter().rev();
        quote!(crate::#(#path::)*)
    }

    /// The struct of a class.
    pub(super) fn class_path(&self, id: ClassId, here: ModuleId) -> TokenStream {
        let class = self.program.class(id);
        let name = self.names.class(id);
        match class.kind {
            ClassKind::Predefined(_) => quote!(#name),
            ClassKind::External => quote!(crate::externs::#name),
            ClassKind::Ordinary | ClassKind::Server => {
                let prefix = self.prefix(class.module, here);
                quote!(#prefix #name)
            }
        }
    }

    /// The enumeration's type.
    pub(super) fn enum_path(&self, id: EnumId, here: ModuleId) -> TokenStream {
        let prefix = self.prefix(self.program.enumeration(id).module, here);
        let name = self.names.enumeration(id);
        quote!(#prefix #name)
    }

    /// The Rust type of values of a type.
    pub(super) fn ty(&self, ty: Type, here: ModuleId) -> TokenStream {
        let inner = |id| self.ty(self.program.types.at(id), here);
        match ty {
            Type::Void | Type::Poison | Type::Null => quote!(()),
            Type::Boolean => quote!(bool),
            Type::Char => quote!(char),
            Type::Octet => quote!(u8),
            Type::Short => quote!(i16),
            Type::Int => quote!(i32),
            Type::Long => quote!(i64),
            Type::UnsignedShort => quote!(u16),
            Type::UnsignedInt => quote!(u32),
            Type::UnsignedLong => quote!(u64),
            Type::Float => quote!(f32),
            Type::Double => quote!(f64),
            Type::String => quote!(Text),
            Type::Date => quote!(Date),
            Type::Time => quote!(Time),
            Type::Timestamp => quote!(Timestamp),
            Type::Interval => quote!(Interval),
            Type::Host => quote!(Host),
            Type::Error => quote!(Error),
            Type::Enum(id) => self.enum_path(id, here),
            Type::Class(id) => {
                let path = self.class_path(id, here);
                match self.program.class(id).kind {
                    ClassKind::External => quote!(Extern<#path>),
                    _ => quote!(Ref<#path>),
                }
            }
            Type::Set(id) => {
                let item = inner(id);
                quote!(Set<#item>)
            }
            Type::Bag(id) => {
                let item = inner(id);
                quote!(Bag<#item>)
            }
            Type::List(id) => {
                let item = inner(id);
                quote!(List<#item>)
            }
            Type::Map(key, value) => {
                let (key, value) = (inner(key), inner(value));
                quote!(Map<#key, #value>)
            }
            Type::Array(id) => {
                let item = inner(id);
                quote!(Array<#item>)
            }
            Type::Future(id) => {
                let item = inner(id);
                quote!(Future<#item>)
            }
        }
    }
}

/// Whether values are `Copy` in Rust.
pub(super) fn is_copy(ty: Type) -> bool {
    ty.is_number()
        || matches!(
            ty,
            Type::Void
                | Type::Boolean
                | Type::Char
                | Type::Date
                | Type::Time
                | Type::Timestamp
                | Type::Interval
                | Type::Enum(_)
        )
}
