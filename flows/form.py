"""How the flow's parameters look in the form that Prefect's UI draws of their schema."""

from pydantic import Field
from pydantic.fields import FieldInfo


def titled(title: str) -> FieldInfo:
    """Return what gives a parameter of a flow its title in the form.

    Prefect sets the title of each parameter to its name, also over that of a `Field`, but leaves alone what stands in
    the schema besides; descriptions it takes from the docstring.
    """
    field: FieldInfo = Field(json_schema_extra={"title": title})
    return field
