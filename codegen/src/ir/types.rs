//! Types and ids.
//!
//! A [`Type`] is a small `Copy` value that compares in one step; the types it is made of (the element
//! of a list, say) are ids into [`Types`], the program's interner, so that equal types have equal ids.

use std::collections::BTreeMap;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
            pub struct $name(pub u32);

            impl $name {
                /// The position in the table that this id indexes.
                #[must_use]
                pub fn index(self) -> usize {
                    self.0 as usize
                }

                /// The id of a table's position; tables have fewer than 2³² entries because source text is
                /// bounded well below that.
                #[must_use]
                pub fn at(index: usize) -> Self {
                    Self(u32::try_from(index).unwrap_or(u32::MAX))
                }
            }
        )*
    };
}

ids! {
    /// A class, of any kind: an index into `Program::classes`.
    ClassId;
    /// An enumeration: an index into `Program::enums`.
    EnumId;
    /// A function outside a class: an index into `Program::functions`.
    FunctionId;
    /// A method: an index into `Program::methods`.
    MethodId;
    /// A constructor: an index into `Program::constructors`.
    ConstructorId;
    /// A state variable of a class: an index into `Program::fields`.
    FieldId;
    /// A variable or constant outside classes and functions: an index into `Program::globals`.
    GlobalId;
    /// A variable of a body, a parameter included: an index into `Body::locals`.
    LocalId;
    /// A module: an index into `Program::modules`; 0 is the root, which has no name.
    ModuleId;
    /// A type within another: an index into [`Types`].
    TypeId;
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Type {
    /// No value: of calls only.
    Void,
    /// `boolean`
    Boolean,
    /// `char`: a Unicode scalar.
    Char,
    /// `octet`: 8 bits, unsigned.
    Octet,
    /// `short`: 16 bits.
    Short,
    /// `int`: 32 bits.
    Int,
    /// `long`: 64 bits.
    Long,
    /// `unsigned short`
    UnsignedShort,
    /// `unsigned int`
    UnsignedInt,
    /// `unsigned long`
    UnsignedLong,
    /// `float`: IEEE, 32 bits.
    Float,
    /// `double`: IEEE, 64 bits.
    Double,
    /// `string`
    String,
    /// `date`
    Date,
    /// `time` of a day
    Time,
    /// `timestamp`: UTC nanoseconds.
    Timestamp,
    /// `interval`: a length of time.
    Interval,
    /// `host`: a processor in the network.
    Host,
    /// `error`: the predefined value of `code` and `message`.
    Error,
    /// An enumeration.
    Enum(EnumId),
    /// A reference to one or more objects of the class or its subclasses, or `null`; of a class for
    /// which [`Class::may_be_server`](super::Class) holds also to a server.
    Class(ClassId),
    /// `set<T>`
    Set(TypeId),
    /// `bag<T>`
    Bag(TypeId),
    /// `list<T>`
    List(TypeId),
    /// `map<K, V>`
    Map(TypeId, TypeId),
    /// A variable declared `T name[n]`: n elements held by the variable itself. The length is the
    /// declaration's.
    Array(TypeId),
    /// `future<T>`; T is `void` for a method without a value. Look T up with [`Types::element`]: it may
    /// have been inferred after this type was made.
    Future(TypeId),
    /// What a wrong expression has while checking; never in a finished program.
    Poison,
    /// The type of `null` before it is known what it is compared with; never in a finished program.
    Null,
}

impl Type {
    /// Whether values are whole numbers with checked arithmetic.
    #[must_use]
    pub fn is_integer(self) -> bool {
        matches!(
            self,
            Self::Octet
                | Self::Short
                | Self::Int
                | Self::Long
                | Self::UnsignedShort
                | Self::UnsignedInt
                | Self::UnsignedLong
        )
    }

    /// Whether values are numbers.
    #[must_use]
    pub fn is_number(self) -> bool {
        self.is_integer() || matches!(self, Self::Float | Self::Double)
    }

    /// Whether the type is an integer without negative values.
    #[must_use]
    pub fn is_unsigned(self) -> bool {
        matches!(
            self,
            Self::Octet | Self::UnsignedShort | Self::UnsignedInt | Self::UnsignedLong
        )
    }

    /// The least and greatest value of an integer type.
    #[must_use]
    pub fn integer_range(self) -> Option<(i128, i128)> {
        Some(match self {
            Self::Octet => (0, u8::MAX.into()),
            Self::Short => (i16::MIN.into(), i16::MAX.into()),
            Self::Int => (i32::MIN.into(), i32::MAX.into()),
            Self::Long => (i64::MIN.into(), i64::MAX.into()),
            Self::UnsignedShort => (0, u16::MAX.into()),
            Self::UnsignedInt => (0, u32::MAX.into()),
            Self::UnsignedLong => (0, u64::MAX.into()),
            _ => return None,
        })
    }

    /// Whether a value can be `null`.
    #[must_use]
    pub fn is_reference(self) -> bool {
        matches!(self, Self::Class(_) | Self::Null)
    }
}

/// The interner of types that stand inside other types.
#[derive(Clone, Debug, Default)]
pub struct Types {
    types: Vec<Type>,
    ids: BTreeMap<Type, TypeId>,
    /// How many types stand in one another, of each.
    depths: Vec<usize>,
}

impl Types {
    /// The id of a type; the same for equal types.
    pub fn intern(&mut self, ty: Type) -> TypeId {
        if let Some(&id) = self.ids.get(&ty) {
            return id;
        }
        let id = TypeId::at(self.types.len());
        self.depths.push(self.depth(ty));
        self.types.push(ty);
        self.ids.insert(ty, id);
        id
    }

    /// A place for a type that is not known yet: the result of a plain `future`.
    pub fn unknown(&mut self) -> TypeId {
        let id = TypeId::at(self.types.len());
        self.depths.push(1);
        self.types.push(Type::Null);
        id
    }

    /// How many types stand in one another.
    pub(crate) fn depth(&self, ty: Type) -> usize {
        let inner = |id: TypeId| self.depths.get(id.index()).copied().unwrap_or_default();
        match ty {
            Type::Map(key, value) => inner(key).max(inner(value)) + 1,
            Type::Set(id) | Type::Bag(id) | Type::List(id) | Type::Array(id) | Type::Future(id) => {
                inner(id) + 1
            }
            _ => 1,
        }
    }

    /// The greatest depth of all.
    pub(crate) fn depth_max(&self) -> usize {
        self.depths.iter().copied().max().unwrap_or_default()
    }

    /// Fills a place made by [`Types::unknown`].
    pub fn resolve(&mut self, id: TypeId, ty: Type) {
        if let Some(slot) = self.types.get_mut(id.index()) {
            *slot = ty;
        }
    }

    /// Whether some type is not known yet.
    pub(crate) fn has_unknown(&self) -> bool {
        self.types.contains(&Type::Null)
    }

    /// Makes futures that nothing was ever assigned to futures of nothing.
    pub fn settle(&mut self) {
        for slot in &mut self.types {
            if *slot == Type::Null {
                *slot = Type::Void;
            }
        }
    }

    /// The type behind an id.
    #[must_use]
    pub fn at(&self, id: TypeId) -> Type {
        self.types.get(id.index()).copied().unwrap_or(Type::Poison)
    }

    /// The element of a collection or array, the value of a map, the result of a future.
    #[must_use]
    pub fn element(&self, ty: Type) -> Option<Type> {
        match ty {
            Type::Set(id)
            | Type::Bag(id)
            | Type::List(id)
            | Type::Map(_, id)
            | Type::Array(id)
            | Type::Future(id) => Some(self.at(id)),
            _ => None,
        }
    }

    /// The key of a map.
    #[must_use]
    pub fn key(&self, ty: Type) -> Option<Type> {
        match ty {
            Type::Map(id, _) => Some(self.at(id)),
            _ => None,
        }
    }
}
