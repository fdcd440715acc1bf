"""What reports.py and sensors.py stumble over: their tracebacks lead here."""


def average(figures):
    return sum(figures) / len(figures)


def calibrate(value, offsets):
    try:
        return value - offsets['zero']
    except KeyError as error:
        raise ValueError('the sensor is not calibrated') from error
