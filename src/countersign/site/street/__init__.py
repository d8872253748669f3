"""On the street: the sign and the leaflet."""
