"""What is made up: scenarios, a simulated engine and crowd, forecasts. None of it is evidence."""
