"""The teaching floor: catalogue, lessons, enrolment, progress."""
